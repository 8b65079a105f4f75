using System.Collections.Concurrent;

namespace Resilience.Polly.Primitives;

/// <summary>A pool of reusable objects: as many as were ever in use at once, up to a limit.</summary>
internal sealed class IdlePool<T>(Func<IdlePool<T>, T> make)
    where T : class
{
    private const int Most = 1024;

    // In references: each core has a slot on its own cache line, so cores do not wait for each other.
    private const int Line = 16;

    private readonly T?[] _slots = new T?[Environment.ProcessorCount * Line];
    private readonly ConcurrentQueue<T> _others = new();
    private int _count;

    private ref T? Slot => ref _slots[Thread.GetCurrentProcessorId() % Environment.ProcessorCount * Line];

    public T Take()
    {
        if (Interlocked.Exchange(ref Slot, null) is { } near)
        {
            return near;
        }

        if (!_others.TryDequeue(out var other))
        {
            return make(this);
        }

        Interlocked.Decrement(ref _count);
        return other;
    }

    /// <returns>Whether the pool keeps it.</returns>
    public bool Return(T used)
    {
        if (Interlocked.CompareExchange(ref Slot, used, null) is null)
        {
            return true;
        }

        if (Interlocked.Increment(ref _count) > Most)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _others.Enqueue(used);
        return true;
    }
}
