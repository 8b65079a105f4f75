using Microsoft.Extensions.Options;

namespace Resilience.Polly;

/// <summary>The settings do not validate, or earn advice that <c>FailOnAdvice</c> refuses. <see cref="OptionsValidationException.Failures"/> holds every fault; the message lists them, one a line, up to 50.</summary>
public sealed class ResilienceConfigurationException : OptionsValidationException
{
    // One mistake in a template of settings is a fault of each of thousands of pipelines.
    private const int MaxLines = 50;

    internal ResilienceConfigurationException(IReadOnlyCollection<string> faults)
        : this($"The resilience settings have {(faults.Count == 1 ? "a fault" : $"{faults.Count} faults")}:", faults)
    {
    }

    internal ResilienceConfigurationException(string headline, IReadOnlyCollection<string> faults)
        : base("Resilience", typeof(PipelineOptions), faults) =>
        Message = headline + string.Concat(faults.Take(MaxLines).Select(Line)) + (faults.Count > MaxLines ? Line($"and {faults.Count - MaxLines} more") : "");

    /// <summary>Each fault on its own line: where it is, the value found there, and what is allowed or better. After 50 lines the last one says how many more there are.</summary>
    public override string Message { get; }

    private static string Line(string text) => $"{Environment.NewLine}  {text}";
}
