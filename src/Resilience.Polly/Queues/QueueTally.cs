namespace Resilience.Polly;

/// <summary>What a queue has counted since the application started. Under the lock of the line.</summary>
internal sealed class QueueTally
{
    private readonly long[] _ended = new long[4];

    public long Accepted { get; private set; }

    public long Rejected { get; private set; }

    public long WentBack { get; private set; }

    /// <summary>Counts an item that is let in; returns its number.</summary>
    public long Accept() => ++Accepted;

    /// <summary>Counts an item that is not let in, unless that is its enqueuer's wish.</summary>
    public void Reject(QueueAdmission why) => Rejected += why == QueueAdmission.Cancelled ? 0 : 1;

    public void GoBack() => WentBack++;

    public void End(QueueEnd how) => _ended[(int)how]++;

    public long Of(QueueEnd how) => _ended[(int)how];
}
