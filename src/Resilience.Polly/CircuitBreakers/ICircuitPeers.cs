namespace Resilience.Polly.CircuitBreakers;

/// <summary>The other instances of the application, to a circuit that is shared with them.</summary>
internal interface ICircuitPeers
{
    /// <summary>Whether this instance may probe when the break is over: it has the lease for the only probe, or needs none.</summary>
    bool MayProbe { get; }

    /// <summary>The <c>RetryAfter</c> of a call that could not probe.</summary>
    TimeSpan AskAgainAfter { get; }

    /// <summary>The circuit has changed here. It is called by the thread of a call, and returns at once.</summary>
    void Changed();
}
