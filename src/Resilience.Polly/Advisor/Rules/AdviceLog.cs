using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Advisor.Rules;

internal static partial class AdviceLog
{
    public static void Earned(ILogger logger, Advice advice)
    {
        switch (advice.Severity)
        {
            case AdviceSeverity.Hint:
                AdviceHint(logger, advice);
                break;
            case AdviceSeverity.Warning:
                AdviceWarning(logger, advice);
                break;
            default:
                AdviceError(logger, advice);
                break;
        }
    }

    [LoggerMessage(10, LogLevel.Information, "Advice: {Advice}")]
    private static partial void AdviceHint(ILogger logger, Advice advice);

    [LoggerMessage(11, LogLevel.Warning, "Advice: {Advice}")]
    private static partial void AdviceWarning(ILogger logger, Advice advice);

    // Nothing has failed yet, so that it is no error of the log.
    [LoggerMessage(12, LogLevel.Warning, "Advice: {Advice}")]
    private static partial void AdviceError(ILogger logger, Advice advice);
}
