namespace Resilience.Polly;

/// <summary>Which limit ended a call or an attempt (guide: "Types of Timeouts").</summary>
public enum TimeoutPhase
{
    /// <summary>Opening a connection.</summary>
    Connect,

    /// <summary>Waiting for data of the response.</summary>
    Read,

    /// <summary>Sending the request.</summary>
    Write,

    /// <summary>Waiting for a slot of the bulkhead, for a connection of the pool, or for a place in a queue.</summary>
    Pool,

    /// <summary>One attempt as a whole.</summary>
    Attempt,

    /// <summary>The call as a whole, with all attempts and waits.</summary>
    Total,
}
