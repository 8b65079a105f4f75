using System.Net;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Polly.Telemetry;

namespace Resilience.Polly.Tests;

/// <summary>The page on monitoring names what can be watched, all of it.</summary>
public class MonitoringDocsTests
{
    private const string Page = "docs/monitoring.md";

    private const string QueuePage = "docs/queue.md";

    public static TheoryData<string, string> Members =>
    [
        .. from type in new[] { typeof(PipelineSnapshot), typeof(CircuitBreakerSnapshot), typeof(BulkheadSnapshot), typeof(RateLimitSnapshot), typeof(CallCounts), typeof(LatencySnapshot), typeof(Alert), typeof(IResilienceListener), typeof(QueueSnapshot) }
           from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
           where member is PropertyInfo || type.IsInterface
           select (type.Name, member.Name),
    ];

    public static TheoryData<string> Events => [.. typeof(PipelineEvent).Assembly.GetExportedTypes().Where(type => type.BaseType == typeof(PipelineEvent)).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_is_in_the_table_of_the_page(string type) =>
        Assert.Single(DocsPages.Lines(Page), line => line.StartsWith($"| `{type}` |", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Members))]
    public void Member_is_in_a_table_of_the_page(string type, string member)
    {
        var page = type == nameof(QueueSnapshot) ? QueuePage : Page;
        Assert.True(
            DocsPages.Lines(page).Any(line => line.StartsWith('|') && (line.Contains($"`{member}`", StringComparison.Ordinal) || line.Contains($".{member}`", StringComparison.Ordinal))),
            $"{type}.{member} is not in a table of {page}.");
    }

    [Fact]
    public async Task Polly_events_on_the_page_are_those_that_are_reported()
    {
        var listener = new Reported();
        await using var app = new TestPipelines(services =>
        {
            services.Configure<TelemetryOptions>(options => options.TelemetryListeners.Add(listener));
            services.AddResilience().AddPipeline(TestPipelines.Name, options =>
            {
                options.Retry.MinWait = TimeSpan.Zero;
                options.CircuitBreaker.FailureThreshold = 1;
                options.Bulkhead.MaxConcurrency = 1;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
            })
            .AddPipeline("rationed", options => (options.RateLimit.Permits, options.RateLimit.Per, options.RateLimit.MaxWait) = (1, TimeSpan.FromSeconds(30), TimeSpan.Zero))
            .AddPipeline("slow", options => (options.Chaos.Enabled, options.Chaos.AllowInProduction, options.Chaos.LatencyRate) = (true, true, 1))
            .AddPipeline("gone", options => (options.Chaos.Enabled, options.Chaos.AllowInProduction, options.Chaos.FaultRate, options.Retry.MaxAttempts) = (true, true, 1, 1))
            .AddPipeline("down", options => (options.Chaos.Enabled, options.Chaos.AllowInProduction, options.Chaos.OutcomeRate, options.Retry.MaxAttempts) = (true, true, 1, 1));
        });

        await CauseEveryEventAsync(app);

        Assert.Equal(
            DocsTable.RowsWith("event").Where(row => row.Page == Page && row["strategy"].Length > 0)
                .Select(row => $"{row.Code("strategy")} {row.Code("event")} {row["severity"]}").Order(StringComparer.Ordinal),
            listener.Seen.Distinct().Order(StringComparer.Ordinal));
    }

    private static async Task CauseEveryEventAsync(TestPipelines app)
    {
        var pipeline = app.Pipeline;

        // The first attempt hangs until its timeout, the second asks for a slot that it holds itself.
        var attempts = 0;
        var call = pipeline.ExecuteAsync(async token =>
        {
            if (++attempts == 1)
            {
                await Task.Delay(Timeout.Infinite, token);
            }

            await Assert.ThrowsAsync<BulkheadFullException>(async () => await pipeline.ExecuteAsync(_ => ValueTask.CompletedTask, token));
        }).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await call;

        // Opens, and a probe closes it.
        await Assert.ThrowsAsync<ApiServerErrorException>(async () =>
            await pipeline.ExecuteAsync(_ => throw new HttpRequestException(null, null, HttpStatusCode.InternalServerError)));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await pipeline.ExecuteAsync(_ => ValueTask.CompletedTask);

        // One permit, and two calls.
        await app.Provider.GetPipeline("rationed").ExecuteAsync(_ => ValueTask.CompletedTask);
        await Assert.ThrowsAsync<RateLimitedException>(async () => await app.Provider.GetPipeline("rationed").ExecuteAsync(_ => ValueTask.CompletedTask));

        // Chaos, a pipeline for each kind.
        var late = app.Provider.GetPipeline("slow").ExecuteAsync(_ => ValueTask.CompletedTask).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await late;
        await Assert.ThrowsAsync<ApiConnectionException>(async () => await app.Provider.GetPipeline("gone").ExecuteAsync(_ => ValueTask.CompletedTask));
        await Assert.ThrowsAsync<ApiUnavailableException>(async () => await app.Provider.GetPipeline("down").ExecuteAsync(_ => ValueTask.CompletedTask));
    }

    private sealed class Reported : TelemetryListener
    {
        private readonly List<string> _seen = [];

        public IReadOnlyList<string> Seen => _seen;

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args) =>
            _seen.Add($"{args.Source.StrategyName} {args.Event.EventName} {args.Event.Severity}");
    }
}
