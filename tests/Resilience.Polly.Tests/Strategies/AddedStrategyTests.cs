using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Fallback;
using Polly.Hedging;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Telemetry;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Strategies;

/// <summary>Strategies of Polly's, and of the application's own, in a named pipeline.</summary>
public class AddedStrategyTests
{
    private static ConcurrencyLimiter Permits(int count) => new ConcurrencyLimiter(new() { PermitLimit = count, QueueLimit = 0 });

    [Fact]
    public async Task AroundCall_rate_limiter_of_Pollys_rejects_before_the_flow_is_reached()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, _) => builder.AddRateLimiter(Permits(1))));
        using var held = new HeldCall(app.Pipeline);
        var full = Assert.IsType<PoolTimeoutException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.IsType<RateLimiterRejectedException>(full.InnerException);
        Assert.Equal(("payments", 0), (full.PipelineName, full.Attempts));
        Assert.Equal(1, app.Snapshot.Bulkhead.Peak);
        await held.FinishAsync();
        var calls = app.Snapshot.Calls;
        Assert.Equal((2, 1, 1, 0), (calls.Total, calls.Succeeded, calls.Shed, calls.Failed));
        Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task AroundAttempt_rejection_is_judged_as_if_the_delegate_had_thrown_it()
    {
        await using var app = StrategyApp.With(s => s.AroundAttempt((builder, _) => builder.AddRateLimiter(Permits(1))), o => o.CircuitBreaker.FailureThreshold = 1);
        using var held = new HeldCall(app.Pipeline);
        var full = Assert.IsType<PoolTimeoutException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(1, full.Attempts); // neither retried nor counted by the circuit
        Assert.Equal((1, CircuitState.Closed), (app.Snapshot.Calls.Failed, app.Snapshot.CircuitBreaker.State));
        await held.FinishAsync();
    }

    [Fact]
    public async Task Rejections_around_the_call_are_Pollys_where_exceptions_are_not_mapped()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, _) => builder.AddRateLimiter(Permits(1))), o => o.MapExceptions = false);
        using var held = new HeldCall(app.Pipeline);
        Assert.IsType<RateLimiterRejectedException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(7, await app.Pipeline.ExecuteWithFallbackAsync(_ => new ValueTask<int>(1), 7));
        await held.FinishAsync();
    }

    [Fact]
    public async Task AroundCall_retry_executes_the_flow_again_and_the_call_counts_once()
    {
        await using var app = StrategyApp.With(
            s => s.AroundCall((builder, _) => builder.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero })),
            o => o.Retry.MaxAttempts = 2);
        var dependency = new Dependency(Fails());
        var failed = Assert.IsType<ApiConnectionException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal((6, 6), (dependency.Attempts, failed.Attempts));
        var snapshot = app.Snapshot;
        Assert.Equal((1, 1, 5, 0, 3), (snapshot.Calls.Total, snapshot.Calls.Failed, snapshot.Calls.Retries, snapshot.Bulkhead.InUse, snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task AroundCall_sees_the_circuit_open_and_the_caller_gets_it_once()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, _) => builder.AddStrategy(_ => new OwnStrategy(times: 2))), o => o.CircuitBreaker.FailureThreshold = 1);
        app.Control.Isolate("payments");
        var open = Assert.IsType<CircuitOpenException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Null(open.RetryAfter);
        Assert.Equal((1, 1), (app.Snapshot.Calls.Total, app.Snapshot.Calls.CircuitOpen));
    }

    [Fact]
    public async Task AroundCall_circuit_of_Pollys_counts_as_an_open_circuit()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, _) => builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            MinimumThroughput = 2, FailureRatio = 0.1, BreakDuration = TimeSpan.FromSeconds(30),
        })));
        for (var i = 0; i < 2; i++)
        {
            await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        }

        var open = Assert.IsType<CircuitOpenException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal((1, TimeSpan.FromSeconds(30)), (app.Snapshot.Calls.CircuitOpen, open.RetryAfter));
    }

    [Fact]
    public async Task AroundCall_timeout_is_a_timeout_of_the_whole_call_and_tells_the_circuit_nothing()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, _) => builder.AddTimeout(TimeSpan.FromSeconds(2))), o => o.CircuitBreaker.FailureThreshold = 1);
        using var held = new HeldCall(app.Pipeline, heedsToken: true);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        var late = Assert.IsType<ApiTimeoutException>(await held.FailureAsync());
        Assert.Equal((TimeoutPhase.Total, TimeSpan.FromSeconds(2)), (late.Phase, late.Limit));
        Assert.Equal((1, CircuitState.Closed, 0), (app.Snapshot.Calls.TimedOut, app.Snapshot.CircuitBreaker.State, app.Snapshot.Bulkhead.InUse));
    }

    [Fact]
    public async Task Fallback_of_Pollys_replaces_the_failure_of_calls_with_its_result()
    {
        await using var app = StrategyApp.With(s => s.AroundCall<int>((builder, _) => builder.AddFallback(new FallbackStrategyOptions<int>
        {
            FallbackAction = _ => Outcome.FromResultAsValueTask(-1),
        })));
        Assert.Equal(-1, (await new Dependency(Fails()).ThroughAsync(app.Pipeline)).Result);
        Assert.Equal(1, app.Snapshot.Calls.Succeeded);
        Assert.IsType<ApiConnectionException>((await app.Pipeline.OutcomeAsync<string>(_ => throw new HttpRequestException())).Exception);
        Assert.Equal(-1, await app.Provider.GetPipeline<int>("payments").ExecuteAsync<int>(_ => throw new HttpRequestException()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hedging_of_Pollys_takes_the_first_answer_and_leaves_nothing_behind(bool isAroundCall)
    {
        var hedging = new HedgingStrategyOptions<int> { MaxHedgedAttempts = 1, Delay = TimeSpan.FromSeconds(1) };
        await using var app = StrategyApp.With(s =>
        {
            _ = isAroundCall ? s.AroundCall<int>((builder, _) => builder.AddHedging(hedging)) : s.AroundAttempt<int>((builder, _) => builder.AddHedging(hedging));
        });
        var first = new TaskCompletionSource<int>();
        var executions = 0;
        var call = app.Pipeline.ExecuteAsync(token => Interlocked.Increment(ref executions) == 1 ? new ValueTask<int>(first.Task.WaitAsync(token)) : new(2)).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await call.WaitAsync(HeldCall.Patience));
        var snapshot = app.Snapshot;
        Assert.Equal((1, 1, 0), (snapshot.Calls.Total, snapshot.Calls.Succeeded, snapshot.CircuitBreaker.FailureCount));
        Assert.Equal((isAroundCall ? 2 : 1, 0), (snapshot.Bulkhead.Peak, snapshot.Bulkhead.InUse));
    }

    [Fact]
    public async Task Strategies_see_the_context_and_its_properties_reach_the_delegate()
    {
        var key = new ResiliencePropertyKey<int>("seen");
        var ids = new ConcurrentQueue<string>();
        void Note(ResilienceContext context)
        {
            ids.Enqueue(context.Properties.GetValue(CallProperties.RequestId, "none"));
            context.Properties.Set(key, context.Properties.GetValue(key, 0) + 1);
        }

        await using var app = StrategyApp.With(s => s
            .AroundCall((builder, _) => builder.AddStrategy(_ => new OwnStrategy(Note)))
            .AroundAttempt((builder, _) => builder.AddStrategy(_ => new OwnStrategy(Note))));
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        context.Properties.Set(CallProperties.RequestId, "id-1");
        Assert.Equal(2, await app.Pipeline.ExecuteAsync(c => new ValueTask<int>(c.Properties.GetValue(key, 0)), context));
        Assert.Equal(["id-1", "id-1"], ids);
        ResilienceContextPool.Shared.Return(context);
    }

    [Fact]
    public async Task Callback_gets_the_services_and_runs_once_however_often_settings_change()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 2, "MinWait": "00:00:00" } } } }""");
        var (built, own) = (0, new OwnStrategy());
        using var log = new LogRecorder();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddSingleton(own);
            services.AddResilience(json.Section).AddPipeline("payments", strategies: s => s.AroundAttempt((builder, provider) =>
            {
                built++;
                builder.AddStrategy(_ => provider.GetRequiredService<OwnStrategy>());
            }));
        });
        await app.StartAsync();
        Assert.Equal(1, built);
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        json.Change("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 3, "MinWait": "00:00:00" } } } }""");
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        Assert.Equal((1, 5), (built, own.Executions));
        Assert.Contains(log.Lines, line => line.StartsWith("Information: Settings changed. Pipeline payments: ", StringComparison.Ordinal) && line.EndsWith("> timeout 30 s > [own]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Limiter_keeps_its_state_when_settings_change()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": {} } }""");
        await using var app = new TestPipelines(services => services.AddResilience(json.Section)
            .AddPipeline("payments", strategies: s => s.AroundCall((builder, _) => builder.AddRateLimiter(Permits(1)))));
        using var held = new HeldCall(app.Pipeline);
        json.Change("""{ "Pipelines": { "payments": { "Bulkhead": { "MaxConcurrency": 7 } } } }""");
        Assert.IsType<PoolTimeoutException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        await held.FinishAsync();
        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Result);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Strategies_are_disposed_with_the_services(bool isUsed)
    {
        var (call, attempt) = (new OwnStrategy(), new OwnStrategy());
        var app = StrategyApp.With(s => s.AroundCall((b, _) => b.AddStrategy(_ => call)).AroundAttempt((b, _) => b.AddStrategy(_ => attempt)));
        if (isUsed)
        {
            await app.Pipeline.ExecuteAsync(_ => new ValueTask<int>(1));
        }

        Assert.False(call.IsDisposed || attempt.IsDisposed);
        await app.DisposeAsync();
        Assert.Equal((isUsed, isUsed), (call.IsDisposed, attempt.IsDisposed));
    }

    [Fact]
    public async Task Snapshot_and_summary_name_the_strategies_where_they_stand()
    {
        await using var app = StrategyApp.With(
            s => s
                .AroundCall((builder, _) => builder.AddRateLimiter(Permits(9)).AddStrategy(_ => new OwnStrategy(), new OwnOptions { Name = "EU only" }))
                .AroundCall<int>((builder, _) => builder.AddFallback(new FallbackStrategyOptions<int> { FallbackAction = _ => Outcome.FromResultAsValueTask(-1) }))
                .AroundAttempt((builder, _) => builder.AddRetry(new RetryStrategyOptions())),
            o => (o.Bulkhead.MaxConcurrency, o.Chaos.Enabled, o.Chaos.AllowInProduction, o.Chaos.FaultRate) = (30, true, true, 0.1));
        var snapshot = app.Snapshot;
        Assert.Equal(["rate limiter", "EU only", "fallback"], snapshot.StrategiesAroundCall);
        Assert.Equal(["retry"], snapshot.StrategiesAroundAttempt);
        Assert.StartsWith("payments: [rate limiter] > [EU only] > [fallback] > bulkhead 30 (5 s) > ", snapshot.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" > timeout 30 s > [retry] > chaos (faults 10 %)", snapshot.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_logs_the_strategies_and_pipelines_based_on_this_one_have_none()
    {
        using var log = new LogRecorder();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddResilience().AddPipeline("payments", strategies: s => s.AroundCall((builder, _) => builder.AddRateLimiter(Permits(9)))).AddPipeline("refunds", basedOn: "payments");
        });
        await app.StartAsync();
        Assert.Contains(log.Lines, line => line.Contains("payments: [rate limiter] > bulkhead", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("refunds: bulkhead", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Strategies_that_cannot_be_built_stop_the_host_and_are_told_at_first_use()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, _) => builder.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = -1 })));
        var refused = await Assert.ThrowsAsync<ResilienceConfigurationException>(app.StartAsync);
        Assert.Contains("payments: the code that adds strategies to this pipeline failed: ValidationException: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxRetryAttempts", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline).Message);
    }

    [Fact]
    public async Task Callback_that_asks_for_its_own_pipeline_is_refused()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((builder, services) =>
            builder.AddPipeline(services.GetRequiredService<global::Polly.Registry.ResiliencePipelineProvider<string>>().GetPipeline("payments"))));
        Assert.Contains("asks for that pipeline", Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callback_may_ask_for_another_pipeline()
    {
        await using var app = StrategyApp.With(
            s => s.AroundAttempt((builder, services) => builder.AddPipeline(services.GetRequiredService<global::Polly.Registry.ResiliencePipelineProvider<string>>().GetPipeline("inner"))),
            more: services => services.AddResilience().AddPipeline("inner"));
        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Result);
        Assert.Equal(1, app.Monitor.GetSnapshot("inner").Calls.Succeeded);
        Assert.EndsWith("> [pipeline inner]", app.Snapshot.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execute_keeps_its_thread_through_strategies()
    {
        await using var app = StrategyApp.With(
            s => s.AroundCall((b, _) => b.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.FromMilliseconds(20) })).AroundAttempt((b, _) => b.AddTimeout(TimeSpan.FromSeconds(20))),
            o => o.Retry.MaxAttempts = 1,
            TimeProvider.System);
        var threads = new List<int>();
        Assert.Throws<ApiConnectionException>(() => app.Pipeline.Execute(() =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            throw new HttpRequestException();
        }));
        Assert.Equal([Environment.CurrentManagedThreadId, Environment.CurrentManagedThreadId], threads);
    }

    [Fact]
    public async Task Caller_that_cancels_gets_its_own_token_back()
    {
        await using var app = StrategyApp.With(s => s.AroundCall((b, _) => b.AddTimeout(TimeSpan.FromSeconds(20))));
        using var held = new HeldCall(app.Pipeline, heedsToken: true);
        held.Cancel();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held.Ended);
        Assert.Equal((held.CallerToken, 1), (cancelled.CancellationToken, app.Snapshot.Calls.Cancelled));
    }

    [Fact]
    public async Task Events_of_strategies_reach_Pollys_telemetry_under_the_name_of_the_pipeline()
    {
        var heard = new Telemetry();
        await using var app = StrategyApp.With(
            s => s.AroundCall((b, _) => b.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.Zero, Name = "outer" })),
            o => o.Retry.MaxAttempts = 1,
            more: services => services.Configure<TelemetryOptions>(o => o.TelemetryListeners.Add(heard)));
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        Assert.Contains("payments/outer/OnRetry", heard.Events);
        Assert.DoesNotContain(heard.Events, line => line.Contains("Pipeline", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Total_timeout_chaos_and_strategies_stand_in_their_order()
    {
        var seen = new ConcurrentQueue<string>();
        await using var app = StrategyApp.With(
            s => s
                .AroundCall((b, _) => b.AddStrategy(_ => new OwnStrategy(c => seen.Enqueue($"call {c.CancellationToken.CanBeCanceled}"))))
                .AroundAttempt((b, _) => b.AddStrategy(_ => new OwnStrategy(c => seen.Enqueue($"attempt {c.CancellationToken.CanBeCanceled}"), times: 2, heedsFailures: true))),
            o =>
            {
                o.Timeout.Total = TimeSpan.FromSeconds(50);
                (o.Chaos.Enabled, o.Chaos.AllowInProduction, o.Chaos.FaultRate, o.Retry.MaxAttempts) = (true, true, 1, 1);
            });
        Assert.IsType<ApiConnectionException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(["call False", "attempt True", "attempt True"], seen); // chaos is inside: the strategy repeats what it injects
    }

    private sealed class Telemetry : TelemetryListener
    {
        public ConcurrentQueue<string> Events { get; } = new();

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args) =>
            Events.Enqueue($"{args.Source.PipelineName}/{args.Source.StrategyName}/{args.Event.EventName}");
    }
}
