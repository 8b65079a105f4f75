using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.AspNetCore.Primitives;

internal static partial class Log
{
    public const string Category = "Resilience.Polly.AspNetCore";

    [LoggerMessage(1, LogLevel.Warning,
        "The resilience dashboard refused a request. {Reason} Write MapResilienceDashboard(...).RequireAuthorization(...) to answer others")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "A page of the resilience dashboard stopped reading and was disconnected")]
    public static partial void ViewerDropped(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "The resilience dashboard could not sample the pipelines; it tries again")]
    public static partial void SampleFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The circuit of pipeline '{Pipeline}' was isolated on the dashboard by {User}")]
    public static partial void Isolated(ILogger logger, string pipeline, string user);

    [LoggerMessage(5, LogLevel.Warning, "The circuit of pipeline '{Pipeline}' was reset on the dashboard by {User}")]
    public static partial void Reset(ILogger logger, string pipeline, string user);

    [LoggerMessage(6, LogLevel.Warning,
        "The resilience dashboard at {Pattern} has no authorization and answers no one in the environment '{Environment}'. " +
        "Write MapResilienceDashboard(...).RequireAuthorization(\"policy\"), or AllowAnonymous() to open it to everyone who can reach it")]
    public static partial void AnswersNobody(ILogger logger, string pattern, string environment);

    [LoggerMessage(7, LogLevel.Information, "A stream of the resilience dashboard ended because its viewer may no longer look")]
    public static partial void PermissionLost(ILogger logger);

    [LoggerMessage(8, LogLevel.Error, "The resilience dashboard could not check whether a viewer may still look, and ends the stream")]
    public static partial void PermissionUnknown(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Warning,
        "The history of the resilience dashboard has reached MaxHistoryMegabytes = {Megabytes}. Further pipelines get no charts of the past")]
    public static partial void HistoryFull(ILogger logger, int megabytes);

    [LoggerMessage(20, LogLevel.Debug, "Answered {Status} without a call: {Message}")]
    public static partial void AnsweredRejection(ILogger logger, int status, string message);

    [LoggerMessage(21, LogLevel.Warning, "Answered {Status}: {Message}")]
    public static partial void AnsweredFailure(ILogger logger, int status, string message);

    [LoggerMessage(30, LogLevel.Warning, "The idempotency store does not answer. Idempotent endpoints go on with the memory of this instance, or answer 503, as their options say")]
    public static partial void IdempotencyStoreUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(31, LogLevel.Information, "The idempotency store answers again")]
    public static partial void IdempotencyStoreAvailable(ILogger logger);

    [LoggerMessage(32, LogLevel.Warning,
        "An idempotent request to '{Endpoint}' still runs, but another owner has its claim: this instance could not renew it in time. The request may be executed twice")]
    public static partial void IdempotentClaimLost(ILogger logger, string endpoint);

    [LoggerMessage(33, LogLevel.Error, "The result of an idempotent request was not stored, because another execution of the same request has its entry. The request was executed more than once")]
    public static partial void IdempotentResultRefused(ILogger logger);

    [LoggerMessage(34, LogLevel.Error, "A result was dropped that waited for the idempotency store: too many wait. A repetition of its request may execute again")]
    public static partial void IdempotentResultDropped(ILogger logger);

    [LoggerMessage(35, LogLevel.Error, "The application ends, and {Count} results could not be stored. Repetitions of their requests may execute again")]
    public static partial void IdempotentResultsLost(ILogger logger, int count);

    [LoggerMessage(36, LogLevel.Error, "A stored result of '{Endpoint}' cannot be read: it is damaged, or of another version. The request gets 500 and is not executed again")]
    public static partial void IdempotentResultUnreadable(ILogger logger, string endpoint);

    [LoggerMessage(37, LogLevel.Warning, "A response of '{Endpoint}' is larger than MaxResponseSize = {MaxResponseSize}. It was sent, but repetitions of the request get 409")]
    public static partial void IdempotentResponseTooLarge(ILogger logger, string endpoint, int maxResponseSize);

    [LoggerMessage(38, LogLevel.Warning,
        "An execution of '{Endpoint}' was abandoned, and its response is unknown. Its effect is certain: {IsCommitted}. Repetitions of its request get 409")]
    public static partial void IdempotentOutcomeUnknown(ILogger logger, string endpoint, bool isCommitted);
}

/// <summary>Foreign text as one line of a log, so it cannot look like another line.</summary>
internal static class LogText
{
    private const int MaxLength = 1_024;

    /// <summary>Control characters, line and paragraph separators and marks of direction become <c>\uXXXX</c>; longer text is cut.</summary>
    public static string OneLine(string text)
    {
        if (text.Length <= MaxLength && !text.Any(IsHidden))
        {
            return text;
        }

        var line = new StringBuilder();
        foreach (var character in text.Take(MaxLength))
        {
            _ = IsHidden(character) ? line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}") : line.Append(character);
        }

        return text.Length > MaxLength ? line.Append('…').ToString() : line.ToString();
    }

    private static bool IsHidden(char character) => char.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
