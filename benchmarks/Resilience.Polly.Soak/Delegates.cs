namespace Resilience.Polly.Soak;

/// <summary>What the calls do.</summary>
internal static class Delegates
{
    public static async ValueTask<int> YieldAsync(CancellationToken token)
    {
        await Task.Yield();
        token.ThrowIfCancellationRequested();
        return 42;
    }

    /// <summary>Ends by timeout or by the caller's token only.</summary>
    public static async ValueTask<int> HangAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.Infinite, token);
        return 42;
    }

    /// <summary>Recovers at the second attempt.</summary>
    public static Func<CancellationToken, ValueTask<int>> FailingOnce()
    {
        var attempts = 0;
        return _ => ++attempts == 1 ? throw new TimeoutException() : new ValueTask<int>(42);
    }

    public static ValueTask<int> FailAsync() => throw new TimeoutException();

    public static ValueTask<int> BusinessFailureAsync() => throw new InvalidOperationException();
}
