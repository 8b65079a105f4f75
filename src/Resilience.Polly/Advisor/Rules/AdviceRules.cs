namespace Resilience.Polly.Advisor.Rules;

/// <summary>All rules, in the order of the guide's patterns.</summary>
internal static class AdviceRules
{
    public static readonly AdviceRule[] All =
    [
        new NoTimeout(),
        new ReadShorterThanConnect(),
        new ReadTooLong(),
        new PhaseTooLong(),
        new TotalTooShort(),
        new JitterOff(),
        new ConstantWait(),
        new NoWait(),
        new WaitOverRead(),
        new TooManyAttempts(),
        new BudgetOff(),
        new ClientErrorsRetried(),
        new ThresholdOne(),
        new OneCallOpensCircuit(),
        new RecoveryShorterThanAttempt(),
        new CircuitNotEnforced(),
        new OneSlot(),
        new AcquisitionTooLong(),
        new SharedPipeline(),
    ];

    public static IEnumerable<string> Ids => All.Select(rule => rule.Id).Order(StringComparer.Ordinal);

    public static bool Knows(string id) => All.Any(rule => rule.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
