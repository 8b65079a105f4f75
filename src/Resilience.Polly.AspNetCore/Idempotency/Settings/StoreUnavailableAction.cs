namespace Resilience.Polly.AspNetCore;

/// <summary>What an idempotent endpoint does when its store does not answer.</summary>
public enum StoreUnavailableAction
{
    /// <summary>Executes the handler. Repeated requests are recognised by the memory of this instance alone until the store answers again.</summary>
    DegradeLocal,

    /// <summary>Answers 503 with <c>Retry-After</c>, and executes nothing.</summary>
    Reject,
}
