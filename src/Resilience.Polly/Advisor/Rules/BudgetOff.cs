using System.Globalization;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Nothing bounds what retries add to an outage (guide: "Why Circuit Breakers Matter").</summary>
internal sealed class BudgetOff() : AdviceRule("retry-budget-off")
{
    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var (budget, retries) = (pipeline.Options.Retry.Budget, pipeline.Options.Retry.MaxAttempts - 1);

        // A budget of as many retries per call as there are attempts for is never spent.
        var unbounded = budget.Enabled && budget.Ratio >= retries;
        if (pipeline.Retries && (!budget.Enabled || unbounded))
        {
            yield return On(
                pipeline, AdviceSeverity.Warning,
                unbounded ? "Retry:Budget:Ratio" : "Retry:Budget:Enabled",
                unbounded ? budget.Ratio.ToString(CultureInfo.InvariantCulture) : "false",
                $"Every call may be sent {pipeline.Options.Retry.MaxAttempts} times.",
                "A service that fails gets that many times its load, just when it can bear it least.",
                unbounded ? new RetryBudgetOptions().Ratio.ToString(CultureInfo.InvariantCulture) : "true");
        }
    }
}
