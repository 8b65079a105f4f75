namespace Resilience.Polly;

/// <summary>The guide's named retries (guide: "Configuration Examples" of pattern 2). Each read gives a new instance to change at will.</summary>
public static class RetryPresets
{
    /// <summary>For operations a user waits for: 3 attempts, 0.5 s to 10 s.</summary>
    public static RetryOptions Conservative => new()
    {
        MaxAttempts = 3,
        MinWait = TimeSpan.FromSeconds(0.5),
        MaxWait = TimeSpan.FromSeconds(10),
    };

    /// <summary>For background work: 5 attempts, 1 s to 5 minutes.</summary>
    public static RetryOptions Aggressive => new()
    {
        MaxAttempts = 5,
        MinWait = TimeSpan.FromSeconds(1),
        MaxWait = TimeSpan.FromMinutes(5),
    };
}
