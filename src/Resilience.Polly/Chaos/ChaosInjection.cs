using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Simmy;
using Polly.Simmy.Fault;
using Polly.Simmy.Latency;
using Polly.Simmy.Outcomes;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Chaos;

/// <summary>Polly's chaos strategies, once per type of result: Polly injects a result only into a pipeline of its type.</summary>
internal sealed class ChaosInjection(string pipelineName, ChaosOptions options, PipelineEvents events)
{
    private readonly ConcurrentDictionary<Type, object> _byResult = new();

    public ValueTask<Outcome<TResult>> AttemptAsync<TResult>(ICallback<TResult> attempt, ResilienceContext context, bool isSynchronous)
    {
        var pipeline = (ResiliencePipeline<TResult>)_byResult.GetOrAdd(typeof(TResult), static (_, chaos) => chaos.Build<TResult>(), this);
        return NestedPipeline.ExecuteAsync(pipeline, attempt, context, isSynchronous);
    }

    // Latency first: a failure can be slow too, and each rate applies to the attempts that get that far.
    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = "Polly validates the annotations of the options; the type of the result takes no part in it.")]
    private ResiliencePipeline<TResult> Build<TResult>() => events.Builder<TResult>()
        .AddChaosLatency(new ChaosLatencyStrategyOptions { InjectionRate = options.LatencyRate, Latency = options.Latency })
        .AddChaosFault(new ChaosFaultStrategyOptions
        {
            InjectionRate = options.FaultRate,
            FaultGenerator = _ => new(InjectedFailure.Unreachable(pipelineName)),
        })
        .AddChaosOutcome(new ChaosOutcomeStrategyOptions<TResult>
        {
            InjectionRate = options.OutcomeRate,
            OutcomeGenerator = arguments => new(InjectedFailure.Unavailable<TResult>(pipelineName, arguments.Context)),
        })
        .Build();
}

/// <summary>The failures that chaos injects. They look like real ones, but their messages say that they are injected.</summary>
internal static class InjectedFailure
{
    /// <summary>Like a refused connection: nothing can have been sent.</summary>
    public static Exception Unreachable(string pipelineName) => new HttpRequestException(
        HttpRequestError.ConnectionError,
        $"Connection refused, {By(pipelineName)}.",
        new SocketException((int)SocketError.ConnectionRefused));

    /// <summary>The dependency answers 503, as a result or as an exception, whichever the call expects.</summary>
    public static Outcome<TResult> Unavailable<TResult>(string pipelineName, ResilienceContext context)
    {
        const HttpStatusCode status = HttpStatusCode.ServiceUnavailable;
        return typeof(TResult) == typeof(HttpResponseMessage) && !CallProperties.StatusFails(context)
            ? Outcome.FromResult((TResult)(object)new HttpResponseMessage(status) { ReasonPhrase = $"Service Unavailable, {By(pipelineName)}" })
            : Outcome.FromException<TResult>(new HttpStatusException(status, $"The service answered {(int)status}, {By(pipelineName)}."));
    }

    private static string By(string pipelineName) => $"injected by the chaos of pipeline '{pipelineName}'";
}
