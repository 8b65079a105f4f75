using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.Tests.Strategies;

/// <summary>An application whose pipeline has strategies of its own.</summary>
internal static class StrategyApp
{
    public static TestPipelines With(Action<PipelineStrategies> strategies, Action<PipelineOptions>? configure = null, TimeProvider? clock = null, Action<IServiceCollection>? more = null) =>
        new(
            services =>
            {
                services.AddResilience().AddPipeline(TestPipelines.Name, o =>
                {
                    o.Retry.MinWait = TimeSpan.Zero;
                    o.Retry.MaxWait = TimeSpan.Zero;
                    configure?.Invoke(o);
                }, strategies: strategies);
                more?.Invoke(services);
            },
            clock);

    public static async Task<Outcome<T>> OutcomeAsync<T>(this ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default)
    {
        try
        {
            return Outcome.FromResult(await pipeline.ExecuteAsync(call, cancellationToken));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<T>(exception);
        }
    }
}

/// <summary>A strategy of the application's own: sees each execution, and may do something else with it.</summary>
internal sealed class OwnStrategy(Action<ResilienceContext>? before = null, int times = 1, bool heedsFailures = false) : ResilienceStrategy, IDisposable
{
    private int _executions;

    public int Executions => Volatile.Read(ref _executions);

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        Outcome<TResult> outcome = default;
        for (var i = 0; i < times; i++)
        {
            Interlocked.Increment(ref _executions);
            before?.Invoke(context);
            outcome = await callback(context, state);
            if (heedsFailures && outcome.Exception is null)
            {
                break;
            }
        }

        return outcome;
    }
}

internal sealed class OwnOptions : ResilienceStrategyOptions;
