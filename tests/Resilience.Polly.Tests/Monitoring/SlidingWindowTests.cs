
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>The one window that all counts over a time use: beside a list of all counts, under threads, and without allocation.</summary>
public class SlidingWindowTests
{
    private const int Parts = 10;
    private const int Columns = 3;

    private readonly TestClock _clock = new();

    [Fact]
    public void At_first_part_begins_with_the_window_and_the_last_one_ends_it()
    {
        var window = TenSeconds();
        Assert.True(window.IsNew(Now));
        window.At(Now)[0]++;
        Assert.False(window.IsNew(Now));

        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Equal(1, WindowOf(window)[0]);
        Assert.True(window.IsNew(Now));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0, WindowOf(window)[0]);
    }

    [Fact]
    public void At_time_before_the_window_or_of_an_older_part_counts_in_the_newest()
    {
        var window = TenSeconds();
        var early = Now;
        window.At(early - _clock.TimestampFrequency)[0]++;
        _clock.Advance(TimeSpan.FromSeconds(9));
        window.At(Now)[0]++;
        window.At(early)[0]++;

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(2, WindowOf(window)[0]);
        Assert.Equal(3, AllOf(window)[0]);
    }

    [Fact]
    public void AddAll_from_a_column_on_gives_that_and_the_following_ones()
    {
        var window = TenSeconds();
        (window.At(Now)[0], window.At(Now)[1], window.At(Now)[2]) = (1, 20, 300);
        Span<long> sums = [0, 1_000];
        window.AddAll(sums, first: 1);

        Assert.Equal([20, 1_300], sums.ToArray());
    }

    [Fact]
    public void Sums_of_random_counts_are_those_of_a_list_of_them()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var (parts, kept) = (random.Next(1, 15), random.Next(Columns + 1));
            var length = TimeSpan.FromMilliseconds(parts * random.Next(1, 2_000));
            var window = new SlidingWindow(_clock, length, parts, Columns, kept);
            var (origin, partLength) = (Now, _clock.Ticks(length) / parts);
            var counted = new List<(long Part, int Column)>();
            for (var step = 0; step < 200; step++)
            {
                _clock.Advance(length * (random.NextDouble() * random.Next(4) / parts) * (random.Next(30) == 0 ? 30 : 1));
                var now = (Now - origin) / partLength;
                if (random.Next(3) > 0)
                {
                    var column = random.Next(Columns);
                    window.At(Now)[column]++;
                    counted.Add((now, column));
                }

                Assert.True(
                    Sums(counted.Where(count => now - count.Part < parts)).SequenceEqual(WindowOf(window)), $"seed {seed}, round {round}, step {step}");
                Assert.True(Sums(counted).AsSpan(0, kept).SequenceEqual(AllOf(window, kept)), $"seed {seed}, round {round}, step {step}, all");
            }
        }

        static long[] Sums(IEnumerable<(long Part, int Column)> counts) =>
            [.. Enumerable.Range(0, Columns).Select(column => counts.LongCount(count => count.Column == column))];
    }

    [Fact]
    public void AddAll_of_counts_that_come_late_is_that_of_a_list_of_them()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var (parts, kept) = (random.Next(1, 15), random.Next(1, Columns + 1));
            var length = TimeSpan.FromMilliseconds(parts * random.Next(1, 2_000));
            var window = new SlidingWindow(_clock, length, parts, Columns, kept);
            var counted = new long[Columns];
            var sleeping = new List<int[]>(); // threads that have found their part and have not counted yet
            for (var step = 0; step < 200; step++)
            {
                _clock.Advance(length * (random.NextDouble() * random.Next(4) / parts) * (random.Next(30) == 0 ? 30 : 1));
                sleeping.Add(window.At(Now - (random.Next(4) == 0 ? length.Ticks : 0)));
                while (sleeping.Count > 0 && random.Next(3) > 0)
                {
                    var (late, column) = (random.Next(sleeping.Count), random.Next(Columns));
                    sleeping[late][column]++;
                    window.Counted(sleeping[late]);
                    counted[column]++;
                    sleeping.RemoveAt(late);
                }

                var first = random.Next(kept);
                var sums = new long[random.Next(1, kept - first + 1)];
                window.AddAll(sums, first);
                Assert.True(counted.AsSpan(first, sums.Length).SequenceEqual(sums), $"seed {seed}, round {round}, step {step}");
            }
        }
    }

    [Fact]
    public async Task AddAll_loses_nothing_and_never_goes_back_while_threads_count_and_parts_are_reused()
    {
        const int threads = 4;
        const int countsPerThread = 200_000;
        var window = TenSeconds();
        var counting = Enumerable.Range(0, threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < countsPerThread; i++)
            {
                var row = window.At(Now);
                Interlocked.Increment(ref row[1]);
                window.Counted(row);
            }
        })).ToArray();

        long before = 0;
        while (!Task.WhenAll(counting).IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            var all = AllOf(window)[1];
            Assert.InRange(all, before, threads * countsPerThread);
            Assert.InRange(WindowOf(window)[1], 0, threads * countsPerThread);
            before = all;
        }

        await Task.WhenAll(counting);
        Assert.Equal(threads * countsPerThread, AllOf(window)[1]);
    }

    [Fact]
    public void At_allocates_nothing_once_each_part_was_used()
    {
        var window = TenSeconds();
        var times = Enumerable.Range(0, 100).Select(second => Now + (second * _clock.TimestampFrequency)).ToArray();
        Count(times.AsSpan(0, Parts));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(times.AsSpan(Parts));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Count(ReadOnlySpan<long> at)
        {
            foreach (var time in at)
            {
                Interlocked.Increment(ref window.At(time)[0]);
            }
        }
    }

    private long Now => _clock.GetTimestamp();

    private SlidingWindow TenSeconds() => new(_clock, TimeSpan.FromSeconds(10), Parts, Columns, kept: Columns);

    private long[] WindowOf(SlidingWindow window)
    {
        var sums = new long[Columns];
        window.AddWindow(sums, Now);
        return sums;
    }

    private static long[] AllOf(SlidingWindow window, int kept = Columns)
    {
        var sums = new long[kept];
        window.AddAll(sums);
        return sums;
    }
}
