namespace Resilience.Polly.Queues;

/// <summary>What a queue has counted since the application started. Under the lock of the line.</summary>
internal sealed class QueueTally
{
    private readonly long[] _ended = new long[4];
    private long _accepted;
    private long _rejected;
    private long _wentBack;

    /// <summary>Counts an item that is let in; returns its number.</summary>
    public long Accept() => ++_accepted;

    /// <summary>Counts an item that is not let in, unless that is its enqueuer's wish.</summary>
    public void Reject(QueueAdmission why) => _rejected += why == QueueAdmission.Cancelled ? 0 : 1;

    public void GoBack() => _wentBack++;

    public void End(QueueEnd how) => _ended[(int)how]++;

    /// <summary>The counts; where items are at this moment is for others to add.</summary>
    public QueueSnapshot Read(string name, QueueOptions options) => new()
    {
        Name = name,
        Accepted = _accepted,
        Completed = _ended[(int)QueueEnd.Completed],
        Failed = _ended[(int)QueueEnd.Failed],
        Cancelled = _ended[(int)QueueEnd.Cancelled],
        HandedBack = _ended[(int)QueueEnd.HandedBack],
        Rejected = _rejected,
        WentBack = _wentBack,
        Options = QueueOptions.Settings.Copy(options),
    };
}
