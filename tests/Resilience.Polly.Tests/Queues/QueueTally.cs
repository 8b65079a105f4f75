namespace Resilience.Polly.Tests.Queues;

/// <summary>What the enqueuers saw, to be compared with what the queue says.</summary>
internal sealed class QueueTally
{
    private int _accepted;
    private int _rejected;
    private int _completed;
    private int _failed;
    private int _cancelled;
    private int _handedBack;

    public int Accepted => Volatile.Read(ref _accepted);

    public void Accept() => Interlocked.Increment(ref _accepted);

    public void Reject() => Interlocked.Increment(ref _rejected);

    /// <summary>Counts an accepted item by the end of its task.</summary>
    public async Task NoteAsync(Task item)
    {
        try
        {
            await item;
            Interlocked.Increment(ref _completed);
        }
        catch (QueueShutdownException)
        {
            Interlocked.Increment(ref _handedBack);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
        }
        catch (InvalidOperationException)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    public void AssertIs(QueueSnapshot end) => Assert.Equal(
        (_accepted, _completed, _failed, _cancelled, _handedBack, _rejected),
        ((int)end.Accepted, (int)end.Completed, (int)end.Failed, (int)end.Cancelled, (int)end.HandedBack, (int)end.Rejected));
}
