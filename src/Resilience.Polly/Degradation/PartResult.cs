namespace Resilience.Polly.Degradation;

/// <summary>
/// How far a part has come. One replaces another as a whole and only where the other is still in place: whoever is first decides,
/// and whoever comes late changes nothing. <see cref="ScatterPartState.Pending"/> with a failure means that the fallback has its turn.
/// </summary>
internal sealed record PartResult<T>(ScatterPartState State, T? Value = default, Exception? Failure = null, Exception? FallbackFailure = null);
