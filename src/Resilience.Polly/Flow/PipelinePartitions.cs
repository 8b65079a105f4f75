using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;
using Resilience.Polly.Statistics;

namespace Resilience.Polly.Flow;

/// <summary>Owns the partitions of a pipeline: created with the first call of their key, limited in number, and forgotten when they are idle.</summary>
/// <param name="events">The events of the pipeline.</param>
/// <param name="options">The settings in force.</param>
/// <param name="clock">The clock.</param>
/// <param name="create">Creates the partition of a key from settings, with the limit on its pipeline's open circuits.</param>
internal sealed class PipelinePartitions(
    PipelineEvents events, PipelineOptions options, TimeProvider clock, Func<string, PipelineOptions, OpenCircuits, PipelinePartition> create)
{
    private const int Recents = 64;

    private readonly Lock _changing = new();

    // By the identity of the key. Most callers bring the same string again, and its text need not be hashed then.
    private readonly PipelinePartition?[] _recent = new PipelinePartition?[Recents];
    private readonly ConcurrentDictionary<string, PipelinePartition> _byKey = new();
    private readonly IdleTimes<PipelinePartition> _idle = new(clock);
    private readonly OpenCircuits _open = new(events);
    private readonly long[] _forgotten = new long[CallCounters.Size]; // the calls of partitions that are gone
    private PipelineOptions _options = options;
    private PipelinePartition? _overflow;
    private bool _isFull;
    private (TimeSpan? Duration, long At)? _isolation; // by hand, of the whole pipeline

    /// <summary>How many there are, without the overflow partition.</summary>
    public int Count => _byKey.Count;

    /// <summary>How many circuits are open or half-open.</summary>
    public int Open => _open.Count;

    /// <summary>All of them, including the overflow partition, in no order.</summary>
    public IEnumerable<PipelinePartition> All
    {
        get
        {
            foreach (var (_, partition) in _byKey)
            {
                yield return partition;
            }

            if (Volatile.Read(ref _overflow) is { } overflow)
            {
                yield return overflow;
            }
        }
    }

    /// <summary>The partition of a key; the overflow partition if there is no room for another one.</summary>
    public PipelinePartition Of(string key)
    {
        ref var recent = ref RecentOf(key);
        if (Volatile.Read(ref recent) is { } known && ReferenceEquals(known.Key, key))
        {
            return known;
        }

        var partition = _byKey.TryGetValue(key, out var found) ? found : FindOrAdd(key);
        if (ReferenceEquals(partition.Key, key))
        {
            Volatile.Write(ref recent, partition);
        }

        return partition;
    }

    private ref PipelinePartition? RecentOf(string key) => ref _recent[RuntimeHelpers.GetHashCode(key) & (Recents - 1)];

    /// <summary>The same, for a call that found its partition retired.</summary>
    public PipelinePartition FindOrAdd(string key)
    {
        PipelinePartition added;
        var isNewlyFull = false;
        lock (_changing)
        {
            if (_byKey.TryGetValue(key, out var known))
            {
                Volatile.Write(ref RecentOf(known.Key!), known); // in place of one that is retired, if there is one
                return known;
            }

            if (_byKey.Count < _options.MaxPartitions)
            {
                Volatile.Write(ref RecentOf(key), added = _byKey[key] = Create(key));
                _open.Limit(_byKey.Count, _options.MaxOpenShare);
            }
            else
            {
                (isNewlyFull, _isFull) = (!_isFull, true);
                if (_overflow is null)
                {
                    Volatile.Write(ref _overflow, Create(PartitionKey.Overflow));
                }

                added = _overflow!;
            }
        }

        if (isNewlyFull)
        {
            events.PartitionsFull(key, _options.MaxPartitions);
        }

        return added;
    }

    /// <summary>The partition of a key, if there is one.</summary>
    public PipelinePartition? Find(string key) =>
        _byKey.TryGetValue(key, out var partition) ? partition
        : key == PartitionKey.Overflow ? Volatile.Read(ref _overflow)
        : null;

    /// <summary>Adds the calls of all partitions since the pipeline was first used, including those of forgotten ones.</summary>
    public void AddLifetime(Span<long> row)
    {
        lock (_changing) // so none is forgotten in between, and counted twice or not at all
        {
            foreach (var partition in All)
            {
                partition.Calls.AddLifetime(row);
            }

            for (var i = 0; i < row.Length; i++)
            {
                row[i] += _forgotten[i];
            }
        }
    }

    public void Prepare(PipelineOptions settings)
    {
        lock (_changing)
        {
            _options = settings;
            foreach (var partition in All)
            {
                partition.Prepare(settings);
            }
        }
    }

    public void Apply(PipelineOptions settings)
    {
        lock (_changing)
        {
            foreach (var partition in All)
            {
                partition.Apply(settings);
            }

            _open.Limit(_byKey.Count, settings.MaxOpenShare);
        }
    }

    /// <summary>Called once a second: raises and clears alerts, and forgets idle partitions.</summary>
    public void Look(PipelineOptions settings)
    {
        foreach (var partition in All)
        {
            partition.EvaluateAlerts(settings);
        }

        lock (_changing)
        {
            foreach (var (key, partition) in _byKey)
            {
                if (_idle.HasBeenIdle(partition, partition.IsIdle, settings.PartitionIdleTimeout - CallStatistics.Window))
                {
                    TryForget(key, partition, settings);
                }
            }

            _isFull &= _byKey.Count >= settings.MaxPartitions;
        }
    }

    /// <summary>Isolates all circuits, and those of partitions created meanwhile.</summary>
    public void Isolate(TimeSpan? duration) => MoveAll((duration, clock.GetTimestamp()), partition => partition.Circuit.Isolate(duration));

    /// <summary>Closes all circuits.</summary>
    public void Reset() => MoveAll(null, partition => partition.Circuit.Reset());

    private PipelinePartition Create(string key)
    {
        var partition = create(key, _options, _open);
        partition.Late = Fold;
        if (_isolation is { } isolation)
        {
            if (isolation.Duration is not { } duration)
            {
                partition.Circuit.Isolate();
            }
            else if (duration - clock.GetElapsedTime(isolation.At) is var left && left > TimeSpan.Zero)
            {
                partition.Circuit.Isolate(left);
            }
        }

        return partition;
    }

    private void MoveAll((TimeSpan?, long)? isolation, Func<PipelinePartition, CircuitStateChangedEvent?> move)
    {
        List<(PipelinePartition Partition, CircuitStateChangedEvent? Transition)> moved;
        lock (_changing)
        {
            _isolation = isolation;
            moved = [.. All.Select(partition => (partition, move(partition)))];
        }

        moved.ForEach(one => one.Partition.Events.CircuitMoved(one.Transition));
    }

    // Adds the calls of a partition that are not yet in the sum of the forgotten ones.
    private void Fold(PipelinePartition partition)
    {
        lock (_changing)
        {
            var (counted, folded) = (new long[CallCounters.Size], partition.Folded);
            partition.Calls.AddLifetime(counted);
            for (var i = 0; i < counted.Length; i++)
            {
                _forgotten[i] += counted[i] - (folded?[i] ?? 0);
            }

            partition.Folded = counted;
        }
    }

    // A call that has this partition and no slot in it yet finds it retired, and gets the partition of its key again.
    private void TryForget(string key, PipelinePartition partition, PipelineOptions settings)
    {
        if (_open.TryLimit(_byKey.Count - 1, settings.MaxOpenShare) && partition.Bulkhead.TryRetire())
        {
            _byKey.TryRemove(key, out _);
            _recent.AsSpan().Replace(partition, null);
            _idle.Forget(partition);
            partition.EndSharing();
            Fold(partition);
        }

        _open.Limit(_byKey.Count, settings.MaxOpenShare);
    }
}
