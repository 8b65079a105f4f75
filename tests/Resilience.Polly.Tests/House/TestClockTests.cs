namespace Resilience.Polly.Tests.House;

/// <summary>The clock of the tests.</summary>
public class TestClockTests
{
    [Fact]
    public void Timers_have_come_when_Advance_returns_while_another_thread_reads_the_clock()
    {
        var clock = new TestClock();
        var (isOver, late) = (false, 0);
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                _ = (clock.GetUtcNow(), clock.GetTimestamp());
            }
        });
        reader.Start();
        for (var step = 0; step < 20_000; step++)
        {
            var hasCome = false;
            using var timer = clock.CreateTimer(_ => hasCome = true, null, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            clock.Advance(TimeSpan.FromMilliseconds(1));
            late += hasCome ? 0 : 1;
        }

        Volatile.Write(ref isOver, true);
        reader.Join();
        Assert.Equal(0, late);
    }
}
