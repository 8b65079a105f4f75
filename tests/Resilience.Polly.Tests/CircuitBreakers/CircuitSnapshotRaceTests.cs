using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>A snapshot shows the circuit at one moment, also while others move it.</summary>
public class CircuitSnapshotRaceTests
{
    private const int Snapshots = 50_000;
    private const int Threshold = 2;

    [Fact]
    public async Task GetSnapshot_while_the_circuit_moves_shows_one_moment()
    {
        // The clock stands still, so that an open circuit stays so.
        await using var app = TestPipelines.Of(options =>
        {
            options.CircuitBreaker.FailureThreshold = Threshold;
            options.Retry.MaxAttempts = 1;
        });
        var isOver = false;
        var movers = Enumerable.Range(0, 4).Select(seed => Task.Factory.StartNew(() => Move(new Random(seed)), TaskCreationOptions.LongRunning)).ToList();
        var torn = new List<CircuitBreakerSnapshot>();
        var seen = new HashSet<CircuitState>();
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < Snapshots || (seen.Count < 3 && TimeProvider.System.GetElapsedTime(started) < HeldCall.Patience); i++)
        {
            var circuit = app.Snapshot.CircuitBreaker;
            seen.Add(circuit.State);
            if (!IsOneMoment(circuit))
            {
                torn.Add(circuit);
            }
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(movers);
        Assert.Empty(torn.Take(3));
        Assert.True(IsOneMoment(app.Snapshot.CircuitBreaker)); // nor has the slower of two that moved it left its own note behind
        Assert.Equal(3, seen.Count);

        void Move(Random random)
        {
            while (!Volatile.Read(ref isOver))
            {
                switch (random.Next(4))
                {
                    case 0: app.Control.Isolate(TestPipelines.Name); break;
                    case 1: app.Control.Reset(TestPipelines.Name); break;
                    default: Record.Exception(() => app.Pipeline.Execute(() => throw new TimeoutException())); break;
                }
            }
        }
    }

    private static bool IsOneMoment(CircuitBreakerSnapshot circuit) =>
        circuit.State == (circuit.LastTransition?.To ?? CircuitState.Closed) &&
        (circuit.State == CircuitState.Open) == (circuit.TimeToProbe is not null) &&
        (circuit.State != CircuitState.Closed || circuit.FailureCount < Threshold);
}
