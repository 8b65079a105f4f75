using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Phases;

/// <summary>The states of a message and their deadlines, one for each direction.</summary>
internal struct MessageDeadlines(AttemptMessage message, TimeProvider time)
{
    private long _write = LazyTimer.Never;
    private long _read = LazyTimer.Never;

    public MessageState State { get; private set; }

    /// <summary>The earlier of the two, as a timestamp.</summary>
    public readonly long Due => Math.Min(_write, _read);

    /// <summary>The phase whose deadline is the earlier one.</summary>
    public readonly TimeoutPhase Phase => _write < _read ? TimeoutPhase.Write : TimeoutPhase.Read;

    public void Move(MessageState next)
    {
        var (before, limits) = (State, message.Limits);
        State = next;
        if (next.Write != before.Write)
        {
            _write = After(next.WriteLimitRuns, limits.Write);
        }

        if (next.Read != before.Read)
        {
            _read = After(next.ReadLimitRuns, next.Read == ReadState.Continue ? limits.ReadAfter(message.ContinueTimeout) : limits.Read);
        }
    }

    private readonly long After(bool runs, TimeSpan limit) =>
        runs ? LazyTimer.DueAfter(time, time.GetTimestamp(), limit) : LazyTimer.Never;
}
