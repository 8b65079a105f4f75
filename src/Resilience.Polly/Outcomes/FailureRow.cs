using Resilience.Polly.Failures;

namespace Resilience.Polly.Outcomes;

/// <summary>What the table of failures says about one exception.</summary>
/// <param name="Cause">The exception, alone or inside the one that was thrown.</param>
/// <param name="Kind">What it tells about the dependency.</param>
/// <param name="Map">Makes what the caller gets.</param>
/// <param name="IsTimeout">Whether the call counts as timed out.</param>
internal readonly record struct FailureRow(Exception Cause, FailureKind Kind, FailureMapping Map, bool IsTimeout = false);

/// <param name="cause">The exception that is in the table.</param>
/// <param name="original">What was thrown, with the cause somewhere inside.</param>
/// <param name="call">The call that failed.</param>
internal delegate ApiException FailureMapping(Exception cause, Exception original, in FailureContext call);
