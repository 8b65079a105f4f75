using System.Text;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Failures;

/// <summary>How a call that failed went, as numbers. The text is made when somebody reads it.</summary>
/// <param name="waited">How long it waited for its slot.</param>
/// <param name="circuit">What the circuit said when it let the call in; <see langword="null"/> where the circuit lets in every call.</param>
/// <param name="attempts">Its attempts, in their order.</param>
/// <param name="end">Why there was no further attempt.</param>
internal sealed class CallRecord(TimeSpan waited, string? circuit, IReadOnlyList<FailedAttempt> attempts, CallEnd end)
{
    private string? _text;

    public override string ToString() => _text ??= Write();

    /// <summary>The same for a call that made no attempt, from what its exception says.</summary>
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
            // A timeout says itself how long it was.
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

/// <summary>An attempt that failed.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Failure">What it threw, or in a few words what its result was.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Wait">The wait after it, where another one was to follow.</param>
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
