namespace Resilience.Polly;

/// <summary>Whether a call may be made again after a failure (guide: "Idempotency: The Key to Safe Retries").</summary>
public enum CallRepetition
{
    /// <summary>It does no harm: the call changes nothing, or the service recognises a repetition.</summary>
    Safe,

    /// <summary>Only while it surely has not reached the service: no connection could be opened.</summary>
    OnlyIfNotSent,

    /// <summary>Never: the first attempt is the last one.</summary>
    Never,
}
