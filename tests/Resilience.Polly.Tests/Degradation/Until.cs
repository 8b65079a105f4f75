namespace Resilience.Polly.Tests.Degradation;

/// <summary>Waits for what other threads are about to do; only a test that fails anyway waits long.</summary>
internal static class Until
{
    public static async Task IsTrueAsync(Func<bool> condition)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !condition(); await Task.Yield())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < HeldCall.Patience, "It does not come true.");
        }
    }
}
