using Polly;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.Degradation;

/// <summary>The call of a part through its pipeline.</summary>
internal sealed class PartCall<T>(ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<T>> call)
{
    private readonly ResiliencePipeline _pipeline = pipeline ?? throw new ArgumentNullException(nameof(pipeline));
    private readonly Func<CancellationToken, ValueTask<T>> _call = call ?? throw new ArgumentNullException(nameof(call));

    /// <returns>The outcome, and whose failure it is.</returns>
    public async ValueTask<(Outcome<T> Outcome, FailedCall? Failed)> MakeAsync(CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        FailedCall.Ask(context);
        var outcome = await _pipeline.ExecuteOutcomeAsync(static (c, part) => part.AttemptAsync(c.CancellationToken), context, this).ConfigureAwait(false);
        var failed = outcome.Exception is { } exception ? FailedCall.Of(exception, context) : null;
        ResilienceContextPool.Shared.Return(context);
        return (outcome, failed);
    }

    private async ValueTask<Outcome<T>> AttemptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Outcome.FromResult(await _call(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) // whatever it is, it degrades only this part
        {
            return Outcome.FromException<T>(exception);
        }
    }
}

/// <summary>The fallback of a part: a value, which is ready at once, or a delegate, which may take time.</summary>
internal sealed record PartFallback<T>(T? Value, Func<Exception, CancellationToken, ValueTask<T>>? Call = null)
{
    public ValueTask<T> GiveAsync(Exception failure, CancellationToken cancellationToken) => Call is null ? new(Value!) : Call(failure, cancellationToken);
}

/// <summary>
/// The progress of a part. A state is replaced as a whole, and only if it is still the current one: the first change wins,
/// and a late one has no effect. <see cref="ScatterPartState.Pending"/> with a failure means that the fallback runs.
/// </summary>
internal sealed record PartResult<T>(ScatterPartState State, T? Value = default, Exception? Failure = null, Exception? FallbackFailure = null);
