using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>What snapshots and meter show of the calls of a pipeline, beside a list of all calls.</summary>
public class CallStatisticsTests
{
    [Fact]
    public async Task Counts_of_random_calls_are_those_of_a_list_of_them()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            await using var app = TestPipelines.Of(o =>
            {
                (o.Retry.MaxAttempts, o.Retry.MinWait, o.Retry.Budget.Enabled) = (3, TimeSpan.Zero, false);
                o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            });
            using var meter = new MeterReader(app.Services);
            var origin = app.Clock.GetTimestamp();
            var calls = new List<(long Part, int Failures, bool IsRefused)>();
            for (var step = 0; step < 200; step++)
            {
                var part = (app.Clock.GetTimestamp() - origin) / (5 * app.Clock.TimestampFrequency);
                if (random.Next(3) > 0)
                {
                    var (failures, isRefused) = (random.Next(4), random.Next(4) == 0);
                    Func<int>[] answers = [.. Enumerable.Repeat(Fails(), failures), isRefused ? Throws(new InvalidOperationException()) : Answers(1)];
                    await new Dependency(answers).ThroughAsync(app.Pipeline);
                    calls.Add((part, failures, isRefused));
                }

                var snapshot = app.Snapshot;
                var (minute, lifetime) = (Counted(calls.Where(call => part - call.Part < 12)), Counted(calls));
                var at = $"seed {seed}, round {round}, step {step}";
                Assert.True(AreEqual(minute, snapshot.Calls), at);
                Assert.True(AreEqual(lifetime, snapshot.Lifetime), at);
                Assert.True(minute.Total == snapshot.Latency.Count, at);
                if (calls.Count > 0)
                {
                    var measured = meter.Collect().ToLookup(one => one.Instrument);
                    var results = measured["resilience.calls"].ToDictionary(one => one.Tags["call.result"], one => (long)one.Value);
                    Assert.True((lifetime.Succeeded, lifetime.Refused, lifetime.Failed) == (results["succeeded"], results["refused"], results["failed"]), at);
                    Assert.True(lifetime.Total == results.Values.Sum(), at);
                    Assert.True(lifetime.Retries == measured["resilience.retries"].Single().Value, at);
                    var retried = measured["resilience.retry.calls"].ToDictionary(one => one.Tags["retry.result"], one => (long)one.Value);
                    Assert.True((lifetime.RetriedAndSucceeded, lifetime.RetriedAndFailed) == (retried["succeeded"], retried["failed"]), at);
                    Assert.True(minute.RetryRate == measured["resilience.retry.rate"].Single().Value, at);
                }

                app.Clock.Advance(TimeSpan.FromSeconds(random.NextDouble() * random.Next(6)) * (random.Next(40) == 0 ? 20 : 1));
            }
        }

        static CallCounts Counted(IEnumerable<(long Part, int Failures, bool IsRefused)> calls)
        {
            var all = calls.ToList();
            return new()
            {
                Succeeded = all.Count(call => call.Failures < 3 && !call.IsRefused),
                Refused = all.Count(call => call.Failures < 3 && call.IsRefused),
                Failed = all.Count(call => call.Failures == 3),
                Retried = all.Count(call => call.Failures > 0),
                RetriedAndSucceeded = all.Count(call => call.Failures is 1 or 2 && !call.IsRefused),
                RetriedAndFailed = all.Count(call => call.Failures == 3),
                Retries = all.Sum(call => Math.Min(call.Failures, 2)),
            };
        }

        static bool AreEqual(CallCounts left, CallCounts right) =>
            typeof(CallCounts).GetProperties().All(count => Equals(count.GetValue(left), count.GetValue(right)));
    }
}
