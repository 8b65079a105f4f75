namespace Resilience.Polly.Retries;

/// <summary>The calls that earn retries: those that reach the dependency.</summary>
internal interface IReachedCalls
{
    /// <summary>How many reached it and have ended there, without those that their caller cancelled.</summary>
    long Ended { get; }

    /// <summary>How many are there now.</summary>
    long Inside { get; }
}
