using System.Text;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Failures;

/// <summary>How a failed call went, as numbers. The text is built when it is read.</summary>
/// <param name="waited">How long it waited for its slot.</param>
/// <param name="circuit">What the circuit answered when it let the call in; <see langword="null"/> if the circuit lets every call in.</param>
/// <param name="attempts">Its attempts, in order.</param>
/// <param name="end">Why there was no further attempt.</param>
internal sealed class CallRecord(TimeSpan waited, string? circuit, IReadOnlyList<FailedAttempt> attempts, CallEnd end)
{
    private string? _text;

    public override string ToString() => _text ??= Write();

    /// <summary>The same for a call that made no attempt, from its exception.</summary>
    public static string OfRejection(ApiCallException exception) => exception switch
    {
        CircuitOpenException => "circuit not closed, rejected",
        LoadShedException => "shed under load",
        PoolTimeoutException { Limit: { } limit } => $"no room after {Text.Of(limit)}, rejected",
        PoolTimeoutException => "no room, rejected",
        _ => "no attempt",
    };

    private string Write()
    {
        var text = new StringBuilder($"slot after {Text.Of(waited)}");
        if (circuit is not null)
        {
            text.Append($", {circuit}");
        }

        foreach (var attempt in attempts)
        {
            // A timeout already has its duration in its text.
            var failure = attempt.Failure as string ?? FailureText.Of((Exception)attempt.Failure);
            var took = failure.Contains("timeout after ", StringComparison.Ordinal) ? "" : $" after {Text.Of(attempt.Took)}";
            text.Append($", attempt {attempt.Number} {failure}{took}");
            if (attempt.Wait is { } wait)
            {
                text.Append($", waited {Text.Of(wait)}");
            }
        }

        return (end switch
        {
            CallEnd.OutOfAttempts => text.Append(", no attempt left"),
            CallEnd.WasProbe => text.Append(", a probe is not retried"),
            CallEnd.NotRepeatable => text.Append(", must not be repeated"),
            CallEnd.CircuitOpen => text.Append(", circuit not closed"),
            CallEnd.NoSlot => text.Append(", no slot for the next attempt"),
            CallEnd.WaitTooLong => text.Append(", next wait too long"),
            CallEnd.BudgetSpent => text.Append(", retry budget spent"),
            CallEnd.GivenUp => text.Append(", time is up"),
            _ => text,
        }).ToString();
    }
}

/// <summary>An attempt that failed, by an exception or with a short text on its result, and the wait after it, if another attempt was to follow.</summary>
internal readonly record struct FailedAttempt(int Number, object Failure, TimeSpan Took, TimeSpan? Wait);

/// <summary>Why a transient failure was the last one of its call.</summary>
internal enum CallEnd
{
    /// <summary>It was not transient, or the call has not ended.</summary>
    None,
    OutOfAttempts,
    WasProbe,
    NotRepeatable,
    CircuitOpen,
    NoSlot,
    WaitTooLong,
    BudgetSpent,
    GivenUp,
}
