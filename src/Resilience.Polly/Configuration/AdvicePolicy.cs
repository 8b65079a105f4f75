namespace Resilience.Polly.Configuration;

/// <summary>Which advice makes settings as bad as faulty ones.</summary>
internal sealed record AdvicePolicy(AdviceSeverity AtLeast, IReadOnlyCollection<string> Except)
{
    /// <exception cref="ResilienceConfigurationException">There is advice to refuse; all of it is listed.</exception>
    public void ThrowIfRefused(IEnumerable<Advice> earned)
    {
        Advice[] refused = [.. earned.Where(Refuses)];
        if (refused.Length > 0)
        {
            throw new ResilienceConfigurationException(
                "The resilience settings earn advice that FailOnAdvice does not let pass:", [.. refused.Select(advice => advice.ToString())]);
        }
    }

    private bool Refuses(Advice advice) => advice.Severity >= AtLeast && !Except.Contains(advice.Id, StringComparer.OrdinalIgnoreCase);
}
