using System.Diagnostics;

namespace Resilience.Polly.Soak;

/// <summary>What a contestant did in its rounds, and what the runtime did for it meanwhile.</summary>
internal sealed class Tally
{
    private readonly long[] _results = new long[Enum.GetValues<Result>().Length];
    private readonly int[] _collections = new int[GC.MaxGeneration + 1];
    private long _bytes;
    private TimeSpan _elapsed;

    public long Calls => _results.Sum();

    public double CallsPerSecond => Calls / _elapsed.TotalSeconds;

    public double BytesPerCall => (double)_bytes / Calls;

    public IReadOnlyList<int> Collections => _collections;

    public long Of(Result result) => _results[(int)result];

    public void Count(Result result) => Interlocked.Increment(ref _results[(int)result]);

    /// <summary>Runs a round, and adds what it took.</summary>
    public async Task MeasureAsync(Func<Task> round)
    {
        var before = Enumerable.Range(0, _collections.Length).Select(GC.CollectionCount).ToArray();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var began = Stopwatch.GetTimestamp();
        await round();
        _elapsed += Stopwatch.GetElapsedTime(began);
        _bytes += GC.GetTotalAllocatedBytes(precise: true) - bytes;
        for (var generation = 0; generation < before.Length; generation++)
        {
            _collections[generation] += GC.CollectionCount(generation) - before[generation];
        }
    }
}

/// <summary>How a call ended, for its caller.</summary>
internal enum Result
{
    Succeeded,
    Failed,
    TimedOut,
    Cancelled,
    CircuitOpen,
    Refused,
}
