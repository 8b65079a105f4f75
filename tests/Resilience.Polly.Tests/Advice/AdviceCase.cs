namespace Resilience.Polly.Tests.AdviceOnSettings;

/// <summary>Settings that earn one advice, and their nearest neighbours that do not.</summary>
internal sealed record AdviceCase(
    string Id,
    AdviceSeverity Severity,
    string Setting,
    string Value,
    Action<PipelineOptions> Earns,
    Action<PipelineOptions>? Border,
    params string[] Clients)
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    /// <summary>At least one for every rule and severity.</summary>
    public static IReadOnlyList<AdviceCase> All { get; } =
    [
        new("no-timeout", AdviceSeverity.Error, "Timeout:Connect", "infinite", o => o.Timeout.Connect = Timeout.InfiniteTimeSpan, o => o.Timeout.Connect = Seconds(30)),
        new("no-timeout", AdviceSeverity.Error, "Timeout:Read", "infinite", o => o.Timeout.Read = Timeout.InfiniteTimeSpan, null),
        new("no-timeout", AdviceSeverity.Error, "Timeout:Write", "infinite", o => o.Timeout.Write = Timeout.InfiniteTimeSpan, o => o.Timeout.Write = Seconds(60)),
        new("no-timeout", AdviceSeverity.Error, "Timeout:Pool", "infinite", o => o.Timeout.Pool = Timeout.InfiniteTimeSpan, o => o.Timeout.Pool = Seconds(15)),
        new("read-shorter-than-connect", AdviceSeverity.Error, "Timeout:Read", "10 s", Timeouts(30, 10), Timeouts(10, 10)),
        new("read-shorter-than-connect", AdviceSeverity.Error, "Timeout:Read", "8 s", o => o.Timeout.Read = Seconds(8), o => o.Timeout.Read = Seconds(10), "CatalogApi"),
        new("read-too-long", AdviceSeverity.Hint, "Timeout:Read", "61 s", o => o.Timeout.Read = Seconds(61), o => o.Timeout.Read = Seconds(60)),
        new("read-too-long", AdviceSeverity.Hint, "Timeout:Attempt", "120 s", o => o.Timeout.Attempt = Seconds(120), Background(o => o.Timeout.Attempt = Seconds(120))),
        new("read-too-long", AdviceSeverity.Error, "Timeout:Attempt", "5 min", o => o.Timeout.Attempt = Seconds(300), Background(o => o.Timeout.Attempt = Seconds(300))),
        new("read-too-long", AdviceSeverity.Error, "Timeout:Read", "121 s", o => o.Timeout.Read = Seconds(121), Once(o => { o.Timeout.Read = Seconds(121); o.Timeout.Total = Seconds(60); })),
        new("phase-too-long", AdviceSeverity.Hint, "Timeout:Connect", "31 s", Timeouts(31, 60), Timeouts(30, 60)),
        new("phase-too-long", AdviceSeverity.Hint, "Timeout:Write", "61 s", o => o.Timeout.Write = Seconds(61), o => o.Timeout.Write = Seconds(60)),
        new("phase-too-long", AdviceSeverity.Hint, "Timeout:Pool", "16 s", o => o.Timeout.Pool = Seconds(16), o => o.Timeout.Pool = Seconds(15)),
        new("phase-too-long", AdviceSeverity.Hint, "Timeout:Read", "infinite", o => { o.Timeout.Read = Timeout.InfiniteTimeSpan; o.Timeout.Attempt = Seconds(30); }, null),
        new("total-too-short", AdviceSeverity.Hint, "Timeout:Total", "95 s", o => o.Timeout.Total = Seconds(95), o => o.Timeout.Total = Seconds(96)), // 3 x 30 + 2 + 4
        new("total-too-short", AdviceSeverity.Hint, "Timeout:Total", "140 s", o => { o.Timeout.ProgressiveStep = 0.5; o.Timeout.Total = Seconds(140); }, o => { o.Timeout.ProgressiveStep = 0.5; o.Timeout.Total = Seconds(141); }),
        new("total-too-short", AdviceSeverity.Warning, "Timeout:Total", "31 s", o => o.Timeout.Total = Seconds(31), Once(o => o.Timeout.Total = Seconds(31))),
        new("jitter-off", AdviceSeverity.Error, "Retry:Jitter", "false", o => o.Retry.Jitter = false, Once(o => o.Retry.Jitter = false)),
        new("constant-wait", AdviceSeverity.Warning, "Retry:MinWait", "10 s", Waits(10, 10, 2), Waits(9, 10, 2)),
        new("constant-wait", AdviceSeverity.Warning, "Retry:Multiplier", "1", o => o.Retry.Multiplier = 1, o => { o.Retry.Multiplier = 1; o.Retry.MaxAttempts = 2; }),
        new("no-wait", AdviceSeverity.Warning, "Retry:MinWait", "0 s", o => o.Retry.MinWait = TimeSpan.Zero, Once(o => o.Retry.MinWait = TimeSpan.Zero)),
        new("no-wait", AdviceSeverity.Warning, "Retry:MinWait", "10 ms", o => o.Retry.MinWait = Seconds(0.01) - Tick, o => o.Retry.MinWait = Seconds(0.01)),
        new("wait-over-read", AdviceSeverity.Warning, "Retry:MaxWait", "60 s", Timeouts(1, 3), Timeouts(1, 4)),
        new("wait-over-read", AdviceSeverity.Warning, "Retry:MaxWait", "31 s", Waits(16, 31, 2), Waits(16, 30, 2)),
        new("wait-over-read", AdviceSeverity.Warning, "Retry:MaxWait", "60 s", o => o.Timeout.Attempt = Seconds(3), Background(o => o.Timeout.Attempt = Seconds(3))),
        new("too-many-attempts", AdviceSeverity.Hint, "Retry:MaxAttempts", "4", o => o.Retry.MaxAttempts = 4, Background(o => o.Retry.MaxAttempts = 10)),
        new("too-many-attempts", AdviceSeverity.Warning, "Retry:MaxAttempts", "11", Background(o => o.Retry.MaxAttempts = 11), Background(o => o.Retry.MaxAttempts = 10)),
        new("retry-after-ignored", AdviceSeverity.Hint, "Retry:UseRetryAfter", "false", o => o.Retry.UseRetryAfter = false, Once(o => o.Retry.UseRetryAfter = false)),
        new("retry-budget-off", AdviceSeverity.Warning, "Retry:Budget:Enabled", "false", o => o.Retry.Budget.Enabled = false, Once(o => o.Retry.Budget.Enabled = false)),
        new("retry-budget-off", AdviceSeverity.Warning, "Retry:Budget:Ratio", "2", o => o.Retry.Budget.Ratio = 2, o => o.Retry.Budget.Ratio = 1.99),
        new("client-errors-retried", AdviceSeverity.Warning, "Failures", "HTTP 400, HTTP 401, HTTP 403, HTTP 404, HTTP 422", o => o.Failures.Retry<HttpRequestException>(), o => o.Failures.Retry<HttpRequestException>(e => e.StatusCode is null)),
        new("client-errors-retried", AdviceSeverity.Warning, "Failures", "HTTP 404", o => o.Failures.Retry<NotFoundException>(), o => o.Failures.Retry<ApiConflictException>()),
        new("client-errors-retried", AdviceSeverity.Warning, "Failures", "HTTP 404", o => o.Failures.RetryResult<HttpResponseMessage>(r => (int)r.StatusCode == 404), o => o.Failures.RetryResult<HttpResponseMessage>(r => r.RequestMessage!.Method == HttpMethod.Get)),
        new("threshold-one", AdviceSeverity.Error, "CircuitBreaker:FailureThreshold", "1", o => o.CircuitBreaker.FailureThreshold = 1, o => o.CircuitBreaker.FailureThreshold = 2),
        new("slow-call-beyond-timeout", AdviceSeverity.Warning, "CircuitBreaker:SlowCallDuration", "30 s", o => o.CircuitBreaker.SlowCallDuration = Seconds(30), o => o.CircuitBreaker.SlowCallDuration = Seconds(29)),
        new("one-call-opens-circuit", AdviceSeverity.Warning, "CircuitBreaker:FailureThreshold", "3", PerAttempt(3), PerAttempt(4)),
        new("recovery-shorter-than-attempt", AdviceSeverity.Hint, "CircuitBreaker:RecoveryTimeout", "29 s", o => o.CircuitBreaker.RecoveryTimeout = Seconds(29), o => o.CircuitBreaker.RecoveryTimeout = Seconds(30)),
        new("circuit-not-enforced", AdviceSeverity.Hint, "CircuitBreaker:Mode", "Observe", o => o.CircuitBreaker.Mode = CircuitBreakerMode.Observe, o => o.CircuitBreaker.Mode = CircuitBreakerMode.Enforce),
        new("circuit-not-enforced", AdviceSeverity.Warning, "CircuitBreaker:Mode", "Disabled", o => o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled, null),
        new("one-slot", AdviceSeverity.Error, "Bulkhead:MaxConcurrency", "1", o => o.Bulkhead.MaxConcurrency = 1, o => o.Bulkhead.MaxConcurrency = 2),
        new("acquisition-too-long", AdviceSeverity.Warning, "Bulkhead:AcquisitionTimeout", "49 s", o => o.Bulkhead.AcquisitionTimeout = Seconds(49), o => o.Bulkhead.AcquisitionTimeout = Seconds(48)), // half of 96
        new("acquisition-too-long", AdviceSeverity.Warning, "Bulkhead:AcquisitionTimeout", "5 s", Once(o => o.Timeout.Total = Seconds(9)), Background(Once(o => o.Timeout.Total = Seconds(9)))),
        new("rate-wait-beyond-total", AdviceSeverity.Warning, "RateLimit:MaxWait", "5 s", Rate(5), Rate(4.9)),
        new("shared-pipeline", AdviceSeverity.Hint, "Clients", "CatalogApi, PricesApi", _ => { }, o => o.PartitionBy = PartitionBy.Authority, "PricesApi", "CatalogApi", "CatalogApi"),
        new("all-circuits-may-open", AdviceSeverity.Hint, "MaxOpenShare", "1", o => (o.PartitionBy, o.MaxOpenShare) = (PartitionBy.Key, 1), o => (o.PartitionBy, o.MaxOpenShare) = (PartitionBy.Key, 0.99)),
        new("partition-series", AdviceSeverity.Hint, "PartitionMetrics", "true", o => (o.PartitionBy, o.PartitionMetrics, o.MaxPartitions) = (PartitionBy.Key, true, 101), o => (o.PartitionBy, o.PartitionMetrics, o.MaxPartitions) = (PartitionBy.Key, true, 100)),
    ];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static Action<PipelineOptions> Timeouts(double connect, double read) =>
        o => (o.Timeout.Connect, o.Timeout.Read) = (Seconds(connect), Seconds(read));

    private static Action<PipelineOptions> Waits(double min, double max, int attempts) =>
        o => (o.Retry.MinWait, o.Retry.MaxWait, o.Retry.MaxAttempts) = (Seconds(min), Seconds(max), attempts);

    private static Action<PipelineOptions> Rate(double maxWait) =>
        o => (o.RateLimit.Permits, o.RateLimit.MaxWait, o.Timeout.Total) = (10, Seconds(maxWait), Seconds(5));

    private static Action<PipelineOptions> PerAttempt(int threshold) =>
        o => (o.CircuitBreaker.CountPer, o.CircuitBreaker.FailureThreshold) = (CircuitCount.Attempt, threshold);

    private static Action<PipelineOptions> Background(Action<PipelineOptions> configure) => configure + (o => o.Importance = PipelineImportance.Background);

    /// <summary>Without a retry.</summary>
    private static Action<PipelineOptions> Once(Action<PipelineOptions> configure) => configure + (o => o.Retry.MaxAttempts = 1);
}
