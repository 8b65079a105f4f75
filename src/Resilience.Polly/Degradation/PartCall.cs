using Polly;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.Degradation;

/// <summary>The call of a part, through a pipeline or without one.</summary>
internal sealed record PartCall<T>(Func<CancellationToken, ValueTask<T>> Callback, ResiliencePipeline? Pipeline = null)
{
    /// <summary>Makes the call.</summary>
    /// <returns>Its outcome, and whose failure it is, if the pipeline is ours.</returns>
    public async ValueTask<(Outcome<T> Outcome, FailedCall? Failed)> MakeAsync(CancellationToken cancellationToken)
    {
        if (Pipeline is null)
        {
            return (await AttemptAsync(this, cancellationToken).ConfigureAwait(false), null);
        }

        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        FailedCall.Ask(context);
        var outcome = await Pipeline.ExecuteOutcomeAsync(static (c, call) => AttemptAsync(call, c.CancellationToken), context, this).ConfigureAwait(false);
        var failed = outcome.Exception is { } exception ? FailedCall.Of(exception, context) : null;
        ResilienceContextPool.Shared.Return(context);
        return (outcome, failed);
    }

    private static async ValueTask<Outcome<T>> AttemptAsync(PartCall<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return Outcome.FromResult(await call.Callback(cancellationToken).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // whatever it is, it degrades only this part
        catch (Exception exception)
#pragma warning restore CA1031
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
