using System.Net;
using Polly;

namespace Resilience.Polly.Tests.Failures;

/// <summary>One table decides verdict, mapping, fallback and count: they agree on every exception, in every wrapping.</summary>
public class FailureTableTests
{
    private static TestPipelines App() => TestPipelines.Of(o =>
    {
        (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero);
        o.Retry.Budget.Enabled = false;
        o.CircuitBreaker.FailureThreshold = 5;
    });

    [Fact]
    public async Task Leaf_alone_is_as_the_guide_says()
    {
        await using var app = App();
        foreach (var leaf in FailureShapes.Leaves)
        {
            await CheckAsync(app, leaf, leaf.Make(), leaf.Name);
        }
    }

    [Fact]
    public async Task Leaf_in_any_wrapping_is_what_it_is_alone()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var app = App();
        for (var i = 0; i < 1500; i++)
        {
            // Statuses make up most of the leaves, and are much the same.
            var leaf = FailureShapes.Leaves[random.Next(2) == 0 ? random.Next(30) : random.Next(FailureShapes.Leaves.Count)];
            var thrown = leaf.Make();
            var depth = random.Next(1, 6);
            for (var d = 0; d < depth; d++)
            {
                thrown = FailureShapes.Wrap(thrown, random);
            }

            await CheckAsync(app, leaf, thrown, $"seed {seed}, case {i}: {leaf.Name} in {depth}: {thrown.GetType().Name}");
        }
    }

    private static async Task CheckAsync(TestPipelines app, FailureLeaf leaf, Exception thrown, string what)
    {
        await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        await new Dependency(Dependency.Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline); // one failure before
        var before = app.Snapshot.Calls;
        var dependency = new Dependency(Dependency.Throws(thrown));

        var seen = (await dependency.ThroughAsync(app.Pipeline)).Exception!;

        var after = app.Snapshot.Calls;
        var counted = after.Refused > before.Refused ? "Refused" : after.TimedOut > before.TimedOut ? "TimedOut" : after.Failed > before.Failed ? "Failed" : "other";
        var circuit = (app.Snapshot.CircuitBreaker.FailureCount, leaf.Kind);
        Assert.True(leaf.Kind == FailureKind.Transient == (dependency.Attempts == 2), $"{what}: {dependency.Attempts} attempts");
        Assert.True(circuit is (2, FailureKind.Transient or FailureKind.Permanent) or (0, FailureKind.None) or (1, FailureKind.Unrelated), $"{what}: circuit at {circuit}");
        Assert.True((leaf.Mapped ?? thrown.GetType()) == seen.GetType(), $"{what}: {seen.GetType().Name}");
        Assert.True(ReferenceEquals(seen, thrown) || ReferenceEquals(seen.InnerException, thrown), $"{what}: {seen.InnerException?.GetType().Name} inside");
        Assert.True(leaf.Counted == counted, $"{what}: counted as {counted}");

        // The fallback follows from what the caller would get.
        var fell = false;
        await Record.ExceptionAsync(async () => await app.Pipeline.ExecuteWithFallbackAsync<int>(
            _ => throw thrown,
            (_, _) =>
            {
                fell = true;
                return new ValueTask<int>(0);
            }));
        Assert.True(fell == seen is ApiConnectionException, $"{what}: fallback {fell}, {seen.GetType().Name}");
        Assert.True(leaf.Kind == FailureKind.None || seen is ApiConnectionException, $"{what}: {leaf.Kind}, but {seen.GetType().Name}");
    }
}
