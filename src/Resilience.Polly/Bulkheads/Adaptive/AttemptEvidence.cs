namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>What the end of an attempt says about the number of slots.</summary>
internal enum AttemptEvidence
{
    /// <summary>Nothing: it was rejected before it reached the dependency, or its caller gave up before an answer was due.</summary>
    None,

    /// <summary>The dependency answered.</summary>
    Answered,

    /// <summary>It failed, or its caller gave up when an answer was overdue.</summary>
    Failed,

    /// <summary>Its caller gave up when an answer may have been overdue. It is a failure if most attempts of the window ended so, and otherwise nothing.</summary>
    Unclear,
}
