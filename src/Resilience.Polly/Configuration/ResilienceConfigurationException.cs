using Microsoft.Extensions.Options;

namespace Resilience.Polly;

/// <summary>The settings do not validate, or earn advice that <c>FailOnAdvice</c> refuses. <see cref="OptionsValidationException.Failures"/> holds every fault; the message lists them, one a line.</summary>
public sealed class ResilienceConfigurationException : OptionsValidationException
{
    internal ResilienceConfigurationException(IReadOnlyCollection<string> faults)
        : this($"The resilience settings have {(faults.Count == 1 ? "a fault" : $"{faults.Count} faults")}:", faults)
    {
    }

    internal ResilienceConfigurationException(IReadOnlyCollection<Advice> refused)
        : this("The resilience settings earn advice that FailOnAdvice does not let pass:", [.. refused.Select(advice => advice.ToString())])
    {
    }

    private ResilienceConfigurationException(string headline, IReadOnlyCollection<string> faults)
        : base("Resilience", typeof(PipelineOptions), faults) =>
        Message = headline + string.Concat(faults.Select(fault => $"{Environment.NewLine}  {fault}"));

    /// <summary>Every fault on a line of its own: where it is, the value found there, and what is allowed or better.</summary>
    public override string Message { get; }
}
