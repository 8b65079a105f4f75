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
