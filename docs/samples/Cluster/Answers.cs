using Resilience.Polly;

namespace Cluster;

/// <summary>What a 409 of an idempotent endpoint says.</summary>
internal static class Answers
{
    /// <summary>Whether the first request with the key is still running: then the same request gets its answer later. Otherwise its outcome is unknown, and stays so.</summary>
    public static bool IsStillRunning(this ApiConflictException conflict) => conflict.InnerException is HttpStatusException { RetryAfter: not null };
}
