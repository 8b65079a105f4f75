using Polly;
using Resilience.Polly.Http.Phases;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Calls;

/// <summary>Sends every request of a client through a pipeline. Handlers above it see a call, handlers below it each attempt.</summary>
internal sealed class ResilienceHandler(
    string pipelineName, ResiliencePipeline pipeline, CurrentOptions settings, TimeProvider time,
    LivingClients clients, bool streamsResponses, CallRepetition? repetition)
    : DelegatingHandler
{
    private readonly IdlePool<AttemptLimit> _limits = new(pool => new AttemptLimit(pool, time));

    public string PipelineName => pipelineName;

    public TimeProvider Time => time;

    public LivingClients Clients => clients;

    public bool StreamsResponses => streamsResponses;

    public CallRepetition? Repetition => repetition;

    public Task<HttpResponseMessage> SendAttemptAsync(AttemptMessage message, CancellationToken cancellationToken) =>
        base.SendAsync(message, cancellationToken);

    public AttemptLimit BeginLimit(TimeSpan limit, CancellationToken callerToken)
    {
        var begun = _limits.Take();
        begun.Begin(limit, callerToken);
        return begun;
    }

    // A caller that blocks is protected like any other. Nothing below depends on the thread that it blocks.
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = new HttpCall(this, request, settings.Of(pipelineName), cancellationToken);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            call.Describe(context);
            var outcome = await pipeline.ExecuteOutcomeAsync(static (c, call) => call.AttemptAsync(c), context, call).ConfigureAwait(false);
            outcome.ThrowIfException();
            outcome.Result!.RequestMessage ??= request; // an injected answer belongs to no message that was sent
            return outcome.Result;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
