using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Moq;

namespace Resilience.Polly.AspNetCore.Tests;

public class SamplerTests
{
    private const int Viewers = 50;
    private const int Pipelines = 200;
    private const int Ticks = 30;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Fifty_viewers_of_200_pipelines_cost_as_many_samples_as_one_and_read_the_same_bytes()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(builder => StreamTests.Many(builder, Pipelines), looks.Count, isClockFake: true);
        var streams = await Task.WhenAll(Enumerable.Range(0, Viewers).Select(_ => app.WatchAsync()));
        var wholes = await Task.WhenAll(streams.Select(stream => stream.NextAsync()));

        Assert.Single(wholes.Distinct());
        Assert.Equal(1, looks.Taken);
        for (var i = 1; i <= Ticks; i++)
        {
            for (var pipeline = 0; pipeline < Pipelines; pipeline++)
            {
                await app.CallAsync($"service-{pipeline}");
            }

            app.Clock.Advance(Tick);
            var ticks = await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
            Assert.Single(ticks.Distinct());
            Assert.Equal(1 + i, looks.Taken);
        }

        foreach (var stream in streams)
        {
            stream.Dispose();
        }
    }

    [Fact]
    public async Task Tick_for_fifty_viewers_allocates_no_more_than_one_for_one()
    {
        var one = await AllocatedByATickAsync(viewers: 1);
        var fifty = await AllocatedByATickAsync(Viewers);

        // Some 3 MB for 200 pipelines; serialised for each viewer it would be 50 times as much.
        Assert.InRange(fifty, 1, one * 1.2);
    }

    [Fact]
    public async Task Recording_begins_with_the_application_and_needs_no_page()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(services: looks.Count, isClockFake: true);
        var startedAt = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        app.Clock.Advance(Tick);
        await app.CallAsync("payments");
        for (var i = 0; i < 30; i++)
        {
            app.Clock.Advance(Tick);
        }

        Assert.Equal(32, looks.Taken);
        using var first = await app.WatchAsync();
        var whole = await first.NextAsync("whole");

        Assert.Equal(32, looks.Taken);
        Assert.Equal(startedAt, whole.GetProperty("since").GetInt64());
        Assert.Equal(32, whole.GetProperty("times").GetArrayLength());
        var calls = whole.GetProperty("history").GetProperty("payments").GetProperty("callsPerSecond").EnumerateArray().Select(value => value.GetDouble()).ToList();
        Assert.Equal([0, 0, 1, 0], calls[..4]);
    }

    [Fact]
    public async Task Event_before_the_first_page_is_in_its_log()
    {
        await using var app = await DashboardApp.StartAsync(isClockFake: true);
        app.Circuits.Isolate("search");

        await StreamTests.EventuallyAsync(async () =>
        {
            app.Clock.Advance(Tick);
            using var stream = await app.WatchAsync();
            return (await stream.NextAsync("whole")).GetProperty("log").EnumerateArray().Any(entry => entry.GetProperty("kind").GetString() == "circuit");
        });
    }

    [Fact]
    public async Task Recording_without_a_page_makes_only_snapshots()
    {
        const int Count = 1_000;
        await using var app = await DashboardApp.StartAsync(builder => StreamTests.Many(builder, Count), isClockFake: true);
        var monitor = app.Services.GetRequiredService<IResilienceMonitor>();
        app.Clock.Advance(TimeSpan.FromMinutes(2));

        // A garbage collection or a late timer of another test would count too, so the calmest of five counts.
        var second = Enumerable.Range(0, 5).Min(_ => BytesOf(() => app.Clock.Advance(Tick)));
        var snapshots = BytesOf(() => monitor.GetSnapshots());

        TestContext.Current.TestOutputHelper?.WriteLine($"{second / Count} B for a pipeline and second, {snapshots / Count} B of them its snapshot");
        Assert.InRange(second, 1, snapshots + (20 * Count));
    }

    [Fact]
    public async Task Look_that_fails_is_logged_and_the_next_one_is_told()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(services: looks.Count, isClockFake: true);
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");

        looks.Failure = new InvalidOperationException("no");
        app.Clock.Advance(Tick);
        looks.Failure = null;
        app.Clock.Advance(Tick);

        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeMilliseconds(), (await stream.NextAsync("tick")).GetProperty("at").GetInt64());
        Assert.StartsWith("Error: The resilience dashboard could not sample", Assert.Single(app.Log.Lines), StringComparison.Ordinal);
    }

    private static long BytesOf(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // The fake clock runs the sampler on the thread that moves it.
    private static async Task<double> AllocatedByATickAsync(int viewers)
    {
        await using var app = await DashboardApp.StartAsync(builder => StreamTests.Many(builder, Pipelines), isClockFake: true);
        var streams = await Task.WhenAll(Enumerable.Range(0, viewers).Select(_ => app.WatchAsync()));
        await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
        long allocated = 0;
        for (var i = 0; i < 5; i++)
        {
            for (var pipeline = 0; pipeline < Pipelines; pipeline++)
            {
                await app.CallAsync($"service-{pipeline}");
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            app.Clock.Advance(Tick);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
        }

        Array.ForEach(streams, stream => stream.Dispose());
        return allocated;
    }

    /// <summary>Counts how often somebody looks at all pipelines.</summary>
    private sealed class Looks
    {
        private int _taken;

        public int Taken => Volatile.Read(ref _taken);

        public Exception? Failure { get; set; }

        public void Count(IServiceCollection services)
        {
            services.AddResilience();
            var real = services.Single(service => service.ServiceType == typeof(IResilienceMonitor)).ImplementationType!;
            services.Replace(ServiceDescriptor.Singleton(provider =>
            {
                var inner = (IResilienceMonitor)ActivatorUtilities.CreateInstance(provider, real);
                var counting = new Mock<IResilienceMonitor>();
                counting.Setup(monitor => monitor.GetSnapshots()).Returns(() =>
                {
                    Interlocked.Increment(ref _taken);
                    return Failure is null ? inner.GetSnapshots() : throw Failure;
                });
                counting.Setup(monitor => monitor.WatchAsync(null, It.IsAny<CancellationToken>()))
                    .Returns((string? name, CancellationToken token) => inner.WatchAsync(name, token));
                return counting.Object;
            }));
        }
    }
}
