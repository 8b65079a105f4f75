using System.Net.Sockets;

namespace Resilience.Polly.Tests.Failures;

/// <summary>Exceptions nested deeper than any stack: from a retry library that aggregates, or from somebody who wants the process to end.</summary>
public class DeepExceptionTests
{
    private const int Depth = 20_000;

    public static TheoryData<string> Shapes => ["aggregates of two", "aggregates of one", "aggregates, deep on the right", "HTTP", "I/O", "connection failures", "a wide aggregate"];

    private static Exception Nested(string shape) => shape switch
    {
        "aggregates of two" => Around(e => new AggregateException(e, new FormatException())),
        "aggregates of one" => Around(e => new AggregateException(e)),
        "aggregates, deep on the right" => Around(e => new AggregateException(new FormatException(), e)),
        "HTTP" => Around(e => new HttpRequestException("", e)),
        "I/O" => Around(e => new IOException("", e)),
        "connection failures" => Around(e => new ApiConnectionException("", new IOException("", e)), 200),
        _ => new AggregateException(Enumerable.Range(0, Depth).Select(_ => new FormatException())),
    };

    private static Exception Around(Func<Exception, Exception> wrap, int depth = Depth)
    {
        Exception nested = new SocketException((int)SocketError.ConnectionRefused);
        for (var level = 0; level < depth; level++)
        {
            nested = wrap(nested);
        }

        return nested;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_ends_however_deep_its_failure_is_nested(string shape)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var thrown = Nested(shape);
        var seen = (await new Dependency(Dependency.Throws(thrown)).ThroughAsync(app.Pipeline)).Exception!;
        Assert.True(ReferenceEquals(thrown, seen) || ReferenceEquals(thrown, seen.InnerException));
        Assert.Equal(1, app.Snapshot.Calls.Total);
    }

    [Fact]
    public async Task One_of_several_is_found_wherever_it_stands_in_a_tree()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait, o.Retry.Budget.Enabled) = (2, TimeSpan.Zero, false));
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var dependency = new Dependency(Dependency.Throws(Tree(random, random.Next(1, 5))));
            await dependency.ThroughAsync(app.Pipeline);
            Assert.True(dependency.Attempts == 2, $"seed {seed}, round {round}: {dependency.Attempts} attempts");
            app.Control.Reset(TestPipelines.Name);
        }
    }

    // One infrastructure failure somewhere among business exceptions.
    private static Exception Tree(Random random, int depth)
    {
        if (depth == 0)
        {
            return new SocketException((int)SocketError.ConnectionRefused);
        }

        var inner = Tree(random, depth - 1);
        if (random.Next(2) == 0)
        {
            return new InvalidOperationException("", inner);
        }

        var others = Enumerable.Range(0, random.Next(4)).Select(_ => (Exception)new AggregateException(new FormatException(), new InvalidDataException())).ToList();
        others.Insert(random.Next(others.Count + 1), inner);
        return new AggregateException(others);
    }
}
