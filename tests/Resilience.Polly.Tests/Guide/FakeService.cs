namespace Resilience.Polly.Tests.Guide;

/// <summary>A dependency that answers with the address it was asked for, unless the test says how the attempt of a number ends.</summary>
internal sealed class FakeService(Func<int, CancellationToken, Task<string>>? answer = null)
{
    private int _asked;

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static FakeService Down { get; } = new((_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError));

    public Task<string> GetAsync(string address, CancellationToken cancellationToken)
    {
        var attempt = Interlocked.Increment(ref _asked);
        return answer?.Invoke(attempt, cancellationToken) ?? Task.FromResult(address);
    }
}
