using Microsoft.Extensions.Options;

namespace Resilience.Polly;

/// <summary>The settings do not validate. <see cref="OptionsValidationException.Failures"/> holds every fault; the message lists them, one a line.</summary>
public sealed class ResilienceConfigurationException : OptionsValidationException
{
    internal ResilienceConfigurationException(IReadOnlyCollection<string> faults)
        : base("Resilience", typeof(PipelineOptions), faults)
    {
        Message = $"The resilience settings have {(faults.Count == 1 ? "a fault" : $"{faults.Count} faults")}:" +
            string.Concat(faults.Select(fault => $"{Environment.NewLine}  {fault}"));
    }

    /// <summary>Every fault on a line of its own: where it is, the value found there, and what is allowed.</summary>
    public override string Message { get; }
}
