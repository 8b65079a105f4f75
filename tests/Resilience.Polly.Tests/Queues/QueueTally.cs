using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Resilience.Polly.Tests.Queues;

/// <summary>What the enqueuers saw, to be compared with what the queue says.</summary>
internal sealed class QueueTally
{
    private readonly ConcurrentBag<StrongBox<int>> _notBegun = [];
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
    public async Task NoteAsync(Task item, StrongBox<int> begun)
    {
        try
        {
            await item;
            Interlocked.Increment(ref _completed);
        }
        catch (QueueShutdownException shutdown)
        {
            if (!shutdown.WasBegun)
            {
                _notBegun.Add(begun);
            }

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

    public void AssertNoneWasBegunAfterItWasHandedBack() => Assert.DoesNotContain(_notBegun, begun => Volatile.Read(ref begun.Value) != 0);

    public void AssertIs(QueueSnapshot end) => Assert.Equal(
        (_accepted, _completed, _failed, _cancelled, _handedBack, _rejected),
        ((int)end.Accepted, (int)end.Completed, (int)end.Failed, (int)end.Cancelled, (int)end.HandedBack, (int)end.Rejected));
}
