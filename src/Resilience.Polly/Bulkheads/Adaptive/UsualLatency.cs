namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>How long an answered attempt takes while the dependency is healthy. It is the measure for attempts that their callers give up.</summary>
/// <param name="Value">The time; zero while unknown.</param>
/// <remarks>
/// It follows shorter attempts quickly and longer ones slowly. It does not rise while attempts fail: in overload the few answers come late,
/// and a measure that followed them would soon accept any wait as usual.
/// </remarks>
internal readonly record struct UsualLatency(TimeSpan Value)
{
    private const double Overdue = 2;
    private const double Healthy = 0.05;
    private const double Rise = 0.02;

    // This many answers weigh as much as all before them.
    private const double Weight = 100;

    /// <summary>What the end of an attempt shows. It is given up if its caller cancelled it.</summary>
    public AttemptEvidence Judge(FailureKind verdict, bool isGivenUp, TimeSpan elapsed) => verdict switch
    {
        FailureKind.None => AttemptEvidence.Answered,
        FailureKind.Transient or FailureKind.Permanent => AttemptEvidence.Failed,
        _ when !isGivenUp => AttemptEvidence.None,
        _ when Value == TimeSpan.Zero => AttemptEvidence.Unclear,
        _ => elapsed > Value * Overdue ? AttemptEvidence.Failed : elapsed > Value ? AttemptEvidence.Unclear : AttemptEvidence.None,
    };

    /// <summary>Updates the measure with the number and the average duration of a window's answers, unless too many of its attempts failed.</summary>
    public UsualLatency Learn(int answered, TimeSpan average, double failureRate)
    {
        var isLonger = average > Value;
        return answered == 0 ? this
            : Value == TimeSpan.Zero ? new(average)
            : isLonger && failureRate >= Healthy ? this
            : new(Value + ((average - Value) * (answered / (answered + Weight) * (isLonger ? Rise : 1))));
    }
}
