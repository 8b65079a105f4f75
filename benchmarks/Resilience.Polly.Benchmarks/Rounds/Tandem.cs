using System.Diagnostics;
using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>Two threads that call through one pipeline for a while, each as fast as it can.</summary>
/// <remarks>
/// A busy machine often runs both on one core, in turn, and what they do to each other is not seen then. So each looks at
/// short intervals whether the other has moved on: where it has not, there was no other.
/// </remarks>
internal sealed class Tandem(ResiliencePipeline pipeline)
{
    private const int CallsPerLook = 64;

    private readonly Runner[] _runners = [new(), new()];
    private int _ready;

    /// <returns>Calls per second of both together, and the share of its looks, 0 to 1, at which the slower saw the faster move.</returns>
    public static (double CallsPerSecond, double Overlap) Run(ResiliencePipeline pipeline, TimeSpan length) => new Tandem(pipeline).Run(length);

    private (double CallsPerSecond, double Overlap) Run(TimeSpan length)
    {
        Thread[] threads = [new(() => Call(_runners[0], _runners[1], length)), new(() => Call(_runners[1], _runners[0], length))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return (_runners.Sum(runner => runner.Looks * CallsPerLook / runner.Elapsed.TotalSeconds), _runners.Max(runner => (double)runner.Together / runner.Looks));
    }

    private void Call(Runner self, Runner other, TimeSpan length)
    {
        Interlocked.Increment(ref _ready);
        SpinWait.SpinUntil(() => Volatile.Read(ref _ready) == _runners.Length);
        CallAsync(self, other, length).GetAwaiter().GetResult(); // nothing in it waits
    }

    private async Task CallAsync(Runner self, Runner other, TimeSpan length)
    {
        var began = Stopwatch.GetTimestamp();
        long seen = 0;
        while ((self.Elapsed = Stopwatch.GetElapsedTime(began)) < length)
        {
            for (var i = 0; i < CallsPerLook; i++)
            {
                await pipeline.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);
            }

            Volatile.Write(ref self.Looks, self.Looks + 1);
            var others = Volatile.Read(ref other.Looks);
            self.Together += others > seen ? 1 : 0;
            seen = others;
        }
    }

    private sealed class Runner
    {
        public long Looks;
        public long Together;
        public TimeSpan Elapsed;
    }
}
