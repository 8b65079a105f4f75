using Polly.Registry;

namespace Resilience.Polly.Strategies;

/// <summary>The application's strategies of one pipeline, built once. They outlive every change of the settings.</summary>
internal sealed class AddedStrategies(StrategyChain? aroundCall, StrategyChain? aroundAttempt, ResiliencePipelineRegistry<int>? owner) : IAsyncDisposable
{
    public static readonly AddedStrategies None = new(null, null, null);

    /// <summary>None where nothing was added, so that such a pipeline pays nothing for it.</summary>
    public StrategyChain? AroundCall => aroundCall;

    public StrategyChain? AroundAttempt => aroundAttempt;

    public ValueTask DisposeAsync() => owner?.DisposeAsync() ?? default;
}
