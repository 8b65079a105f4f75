namespace Resilience.Polly.Redis;

/// <summary>How the instances of an application share state in Redis.</summary>
public sealed class RedisOptions : SharedStateOptions
{
    /// <summary>The beginning of all keys and channels. Applications with the same prefix and database share their state.</summary>
    /// <value>1 to 100 printable characters of ASCII without spaces, braces, <c>*</c>, <c>?</c>, <c>[</c>, <c>]</c> and backslashes; the default is <c>resilience</c>.</value>
    public string KeyPrefix { get; set; } = "resilience";

    /// <summary>
    /// How long a caller waits for one command. After a command that took longer nobody waits, until Redis answers a check in the background. A command that was sent may still run later.
    /// </summary>
    /// <value>A duration of 00:00:00.0050000 to 00:00:10; the default is 40 ms.</value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMilliseconds(40);
}
