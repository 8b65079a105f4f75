using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Partitions;

/// <summary>A partition does what a pipeline of its own would do, for random calls, times and moves by hand.</summary>
public class PartitionModelTests
{
    private const int Sequences = 300;
    private const int Steps = 80;

    private static readonly string[] Keys = ["a", "b", "c"]; // too few for MaxOpenShare

    [Fact]
    public async Task Partition_does_what_a_pipeline_of_its_own_does()
    {
        for (var seed = 0; seed < Sequences; seed++)
        {
            await RunAsync(seed);
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var (ratio, multiplier, attempts) = (random.Next(2) == 0 ? (double?)null : 0.5, 1 + random.Next(2), 1 + random.Next(2));
        await using var partitioned = PartitionedApp.Of(options => Configure(options));
        await using var single = new TestPipelines(services =>
        {
            var builder = services.AddResilience();
            foreach (var key in Keys)
            {
                builder.AddPipeline(key, options => Configure(options));
            }
        });
        for (var step = 0; step < Steps; step++)
        {
            var key = Keys[random.Next(Keys.Length)];
            switch (random.Next(12))
            {
                case < 9:
                    var fails = random.Next(5) < 3;
                    var ours = partitioned.Call(key, fails);
                    var expected = PartitionedApp.Call(single.Provider.GetPipeline(key), null, fails);
                    Assert.True(ours?.GetType() == expected?.GetType(), $"seed {seed}, step {step}, key {key}: {ours} and not {expected}");
                    break;
                case 9:
                    var time = TimeSpan.FromSeconds(random.Next(1, 40));
                    partitioned.App.Clock.Advance(time);
                    single.Clock.Advance(time);
                    break;
                case 10 when partitioned.Find(key) is not null:
                    partitioned.App.Control.Isolate(TestPipelines.Name, TimeSpan.FromSeconds(20), key);
                    single.Control.Isolate(key, TimeSpan.FromSeconds(20));
                    break;
                case 11 when partitioned.Find(key) is not null:
                    partitioned.App.Control.Reset(TestPipelines.Name, key);
                    single.Control.Reset(key);
                    break;
            }

            foreach (var partition in partitioned.Snapshot.Partitions)
            {
                Assert.True(
                    Said(partition.CircuitBreaker, partition.Calls, partition.RetryBudget) is var here
                    && single.Monitor.GetSnapshot(partition.Key) is var other
                    && Said(other.CircuitBreaker, other.Calls, other.RetryBudget) is var there
                    && here == there,
                    $"seed {seed}, step {step}, {partition.Key}: {here} and not {there}");
            }
        }

        Assert.Equal(Keys.Sum(key => single.Monitor.GetSnapshot(key).Lifetime.Total), partitioned.Snapshot.Lifetime.Total);

        void Configure(PipelineOptions options)
        {
            (options.CircuitBreaker.FailureThreshold, options.CircuitBreaker.FailureRatio, options.CircuitBreaker.MinimumThroughput) = (3, ratio, 4);
            (options.CircuitBreaker.RecoveryMultiplier, options.PartitionBy) = (multiplier, PartitionBy.Key);
            (options.Retry.MaxAttempts, options.Retry.MinWait, options.Retry.MaxWait) = (1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            options.MapExceptions = attempts == 1;
        }
    }

    private static string Said(CircuitBreakerSnapshot circuit, CallCounts calls, RetryBudgetSnapshot? budget) => string.Create(
        CultureInfo.InvariantCulture,
        $"{circuit.State} {circuit.FailureCount} {circuit.SampledCalls} {circuit.TimeToProbe} {calls.Total} {calls.CircuitOpen} {budget?.Available}");
}
