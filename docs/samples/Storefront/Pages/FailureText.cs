using Resilience.Polly;

namespace Storefront;

internal static class FailureText
{
    /// <summary>Why a part has no answer, in a few words. <see langword="null"/> if the infrastructure did not fail: then it is a fault of the shop.</summary>
    public static string? Short(Exception? failure) => failure switch
    {
        CircuitOpenException => "circuit open",
        PoolTimeoutException => "no slot",
        ApiTimeoutException { Phase: TimeoutPhase.Total } => "late",
        ApiTimeoutException timeout => $"{timeout.Phase.ToString().ToLowerInvariant()} timeout",
        ApiUnavailableException { StatusCode: { } status } => $"HTTP {(int)status}",
        ApiConnectionException => "unreachable",
        _ => null,
    };
}
