namespace Resilience.Polly.Http.Phases;

/// <summary>Somebody who waits for a connection to an <see cref="Endpoint"/>.</summary>
internal interface IConnectionWaiter
{
    /// <summary>The connections have changed, and with them perhaps what is waited for.</summary>
    void LookAgain();
}
