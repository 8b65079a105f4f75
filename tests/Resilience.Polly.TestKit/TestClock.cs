using Microsoft.Extensions.Time.Testing;

namespace Resilience.Polly.TestKit;

/// <summary>A clock that a test moves. When <see cref="Advance"/> returns, the timers that were due have come.</summary>
/// <remarks>
/// Whoever reads a <see cref="FakeTimeProvider"/> may run its timers. If another thread reads it just then, <see cref="FakeTimeProvider.Advance"/> leaves the timers to that thread and returns before they
/// have come. So this one is read from a field of its own.
/// </remarks>
public class TestClock : FakeTimeProvider
{
    private long _ticks;

    public TestClock()
        : this(new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public TestClock(DateTimeOffset start)
        : base(start) => _ticks = start.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public new void Advance(TimeSpan time)
    {
        Interlocked.Add(ref _ticks, time.Ticks);
        base.Advance(time);
    }
}
