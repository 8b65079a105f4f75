using System.Net;
using System.Net.Sockets;
using Polly;

namespace Resilience.Polly.TestKit;

/// <summary>A dependency whose answers a test scripts: one entry an attempt, the last one again and again.</summary>
public sealed class Dependency(params Func<int>[] answers)
{
    private int _attempts;

    /// <summary>How often it was asked.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    public static Func<int> Answers(int value) => () => value;

    public static Func<int> Fails() => Throws(new SocketException((int)SocketError.ConnectionRefused));

    public static Func<int> Answers(HttpStatusCode status) => Throws(new HttpRequestException("answered", null, status));

    public static Func<int> Throws(Exception exception) => () => throw exception;

    public ValueTask<int> CallAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var attempt = Interlocked.Increment(ref _attempts);
        return new(answers[Math.Min(attempt, answers.Length) - 1]());
    }

    /// <summary>Calls it through <paramref name="pipeline"/> and gives back what the caller would see.</summary>
    public async Task<Outcome<int>> ThroughAsync(ResiliencePipeline pipeline, CancellationToken cancellationToken = default)
    {
        try
        {
            return Outcome.FromResult(await pipeline.ExecuteAsync(CallAsync, cancellationToken));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<int>(exception);
        }
    }
}
