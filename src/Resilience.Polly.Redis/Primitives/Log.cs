using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Redis.Primitives;

internal static partial class Log
{
    public const string Category = "Resilience.Polly.Redis";

    [LoggerMessage(1, LogLevel.Warning, "{Server} cannot be used: {Reason}. Until it can, this instance decides alone")]
    public static partial void Lost(ILogger logger, string server, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Server} can be used again, after {Seconds:0.0} s")]
    public static partial void Restored(ILogger logger, string server, double seconds);

    [LoggerMessage(3, LogLevel.Error,
        "{Server} does not run scripts atomically: other commands come in between. State shared through it would be wrong, so this instance shares none and decides alone. " +
        "Garnet needs LuaTransactionMode")]
    public static partial void NotAtomic(ILogger logger, string server);

    [LoggerMessage(4, LogLevel.Warning, "Whether {Server} runs scripts atomically could not be checked: {Reason}. It is used as if it did")]
    public static partial void NotChecked(ILogger logger, string server, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Server} refuses a command with {Error}. Look at the rights of the user and at the version of the server")]
    public static partial void Refused(ILogger logger, string server, string error);

    [LoggerMessage(6, LogLevel.Warning, "A message in the channel {Channel} cannot be read, and is ignored. Another version of the package may have sent it")]
    public static partial void Unreadable(ILogger logger, string channel);

    [LoggerMessage(7, LogLevel.Warning, "The shared rate limiter '{Limiter}' does not answer: {Reason}. Until it does, this instance uses its own share for {Instances} instances")]
    public static partial void LimiterLost(ILogger logger, string limiter, string reason, int instances);

    [LoggerMessage(8, LogLevel.Information, "The shared rate limiter '{Limiter}' answers again")]
    public static partial void LimiterRestored(ILogger logger, string limiter);
}
