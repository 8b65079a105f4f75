using Polly;

namespace Resilience.Polly.Outcomes;

/// <summary>What a strategy in any pipeline handles as a failure: according to its <c>ShouldHandle</c>, or to the rules of the library if it has none.</summary>
internal abstract class HandledOutcomes
{
    private static readonly FailureClassifier Rules = new([], []);

    /// <summary>Judges an outcome. A fault in <c>ShouldHandle</c> becomes the outcome, and says nothing about the dependency.</summary>
    public async ValueTask<(Outcome<TResult> Outcome, FailureKind Verdict)> JudgeAsync<TResult>(Outcome<TResult> outcome, ResilienceContext context)
    {
        var usual = Rules.Classify(outcome);
        if (context.CancellationToken.IsCancellationRequested && (outcome.Exception is not null || usual is FailureKind.Transient or FailureKind.Permanent))
        {
            return (outcome, FailureKind.Unrelated); // the caller's cancellation may have caused it
        }

        try
        {
            return await HandlesAsync(outcome, context).ConfigureAwait(context.ContinueOnCapturedContext) switch
            {
                null => (outcome, usual),
                true => (outcome, FailureKind.Transient),
                false => (outcome, usual == FailureKind.Unrelated ? usual : FailureKind.None),
            };
        }
        catch (Exception fault) // the caller gets the exception, and no permit is lost
        {
            return (Outcome.FromException<TResult>(fault), FailureKind.Unrelated);
        }
    }

    /// <summary>Whether the outcome is handled, or <see langword="null"/> if the rules of the library decide.</summary>
    protected abstract ValueTask<bool?> HandlesAsync<TResult>(Outcome<TResult> outcome, ResilienceContext context);
}

/// <typeparam name="TOnly">The result of the pipeline; <see cref="object"/> for a pipeline of any result.</typeparam>
/// <param name="shouldHandle">The predicate of the options.</param>
internal sealed class HandledOutcomes<TOnly>(Func<ResilienceContext, Outcome<TOnly>, ValueTask<bool>>? shouldHandle) : HandledOutcomes
{
    protected override async ValueTask<bool?> HandlesAsync<TResult>(Outcome<TResult> outcome, ResilienceContext context) =>
        shouldHandle is null ? null : await shouldHandle(context, Of(outcome)).ConfigureAwait(context.ContinueOnCapturedContext);

    private static Outcome<TOnly> Of<TResult>(Outcome<TResult> outcome) =>
        outcome.Exception is { } exception ? Outcome.FromException<TOnly>(exception) : Outcome.FromResult((TOnly?)(object?)outcome.Result!);
}
