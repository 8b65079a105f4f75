using System.Globalization;
using Resilience.Polly.Primitives;
using Resilience.Polly.Retries;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Pipelines.Options;

/// <summary>A pipeline in one line, outermost strategy first, for logs and for people.</summary>
internal static class PipelineSummary
{
    public static string Of(string name, PipelineOptions options, AddedStrategies added) =>
        Of(name, options, added.AroundCall?.Names ?? [], added.AroundAttempt?.Names ?? []);

    /// <summary>The application's own strategies are in brackets.</summary>
    public static string Of(string name, PipelineOptions options, IEnumerable<string> aroundCall, IEnumerable<string> aroundAttempt) =>
        $"{name}: {string.Join(" > ", [.. aroundCall.Select(InBrackets), .. Strategies(options), .. aroundAttempt.Select(InBrackets), .. Chaos(options)])}";

    /// <summary>The injected failures, and into how many attempts: <c>latency 1 s 20 %, faults 10 %</c>.</summary>
    public static string Of(ChaosOptions chaos)
    {
        (string What, double Rate)[] parts = [($"latency {Text.Of(chaos.Latency)}", chaos.LatencyRate), ("faults", chaos.FaultRate), ("503", chaos.OutcomeRate)];
        return string.Join(", ", parts.Where(part => part.Rate > 0).Select(part => $"{part.What} {Text.Share(part.Rate)}"));
    }

    private static IEnumerable<string> Strategies(PipelineOptions options)
    {
        if (options.Timeout.Total is { } total)
        {
            yield return $"total {Text.Of(total)}";
        }

        if (options.LoadShedding is { Enabled: true } shedding)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"shed {shedding.Share:P0} (CPU {shedding.Cpu:P0}, memory {shedding.Memory:P0})");
        }

        yield return Of(options.Bulkhead);
        if (options.CircuitBreaker is { Mode: not CircuitBreakerMode.Disabled, CountPer: CircuitCount.Call })
        {
            yield return Of(options.CircuitBreaker);
        }

        if (NextAttempt.Most(options.Retry) > 1)
        {
            yield return Of(options.Retry);
        }

        if (options.CircuitBreaker is { Mode: not CircuitBreakerMode.Disabled, CountPer: CircuitCount.Attempt })
        {
            yield return $"{Of(options.CircuitBreaker)} per attempt";
        }

        if (options.RateLimit.IsOn)
        {
            yield return Of(options.RateLimit);
        }

        yield return Of(options.Timeout);
    }

    private static IEnumerable<string> Chaos(PipelineOptions options) => options.Chaos.IsOn ? [$"chaos ({Of(options.Chaos)})"] : [];

    private static string InBrackets(string name) => $"[{name}]";

    private static string Of(BulkheadOptions bulkhead) =>
        $"bulkhead {bulkhead.MaxConcurrency} ({(bulkhead.AcquisitionTimeout == TimeSpan.Zero ? "no wait" : Text.Of(bulkhead.AcquisitionTimeout))}" +
        $"{(bulkhead.MaxQueue is { } queue ? $", queue {queue}" : "")}{(bulkhead.HoldWhileWaiting ? "" : ", not held while waiting")}{Of(bulkhead.Adaptive)})";

    private static string Of(AdaptiveBulkheadOptions adaptive) =>
        adaptive.IsOn ? $", {(adaptive.CreatePolicy is null ? adaptive.Policy.ToString() : "custom policy")} {adaptive.MinLimit}-{adaptive.MaxLimit}" : "";

    private static string Of(CircuitBreakerOptions circuit) =>
        $"circuit {string.Join(" or ", Openers(circuit))}/{Text.Of(circuit.RecoveryTimeout)}{(circuit.RecoveryMultiplier > 1 ? $" to {Text.Of(circuit.MaxRecoveryTimeout)}" : "")}{(circuit.Mode == CircuitBreakerMode.Observe ? " (observe)" : "")}";

    private static IEnumerable<string> Openers(CircuitBreakerOptions circuit)
    {
        if (circuit.FailureThreshold is { } threshold)
        {
            yield return $"{threshold}";
        }

        if (circuit.FailureRatio is { } ratio)
        {
            yield return $"{Text.Share(ratio)} of {circuit.MinimumThroughput}";
        }

        if (circuit.SlowCallDuration is { } slow)
        {
            yield return $"{Text.Share(circuit.SlowCallRatio)} slower than {Text.Of(slow)}";
        }
    }

    private static string Of(RetryOptions retry) =>
        $"retry {retry.MaxAttempts} ({Range(retry.MinWait, retry.MaxWait)}" +
        $"{(retry.Jitter ? ", jitter" : "")}{(retry.MaxConnectAttempts is { } connects ? $", {connects} to connect" : "")}" +
        $"{(retry.Methods is { } methods ? $", only {methods}" : "")}{(retry.DelayGenerator is null ? "" : ", waits from code")}" +
        $"{(retry.UseRetryAfter ? "" : ", no Retry-After")}{(retry.Budget.Enabled ? "" : ", no budget")})";

    private static string Of(RateLimitOptions rate)
    {
        var limit = rate.Limiter is not null ? "by own limiter" : rate.Permits is { } permits ? $"{permits}/{Text.Of(rate.Per)}" : "not limited";
        var burst = rate is { Limiter: null, Permits: not null, Burst: { } most } ? $"burst {most}, " : "";
        var wait = rate.MaxWait == TimeSpan.Zero ? "no wait" : $"wait {Text.Of(rate.MaxWait)}";
        return $"rate {limit} ({burst}{wait}{(rate.CoolsDown ? $", cool-down {Text.Of(rate.MaxCoolDown)}" : "")})";
    }

    private static string Of(TimeoutOptions timeout)
    {
        var step = timeout.ProgressiveStep > 0 ? string.Create(CultureInfo.InvariantCulture, $" (+{timeout.ProgressiveStep:0.##}x per attempt)") : "";
        return $"timeout {Text.Of(timeout.Usual)}{step}";
    }

    // "1-10 s" if both ends have the same unit.
    private static string Range(TimeSpan from, TimeSpan to)
    {
        var (low, high) = (Text.Of(from).Split(' '), Text.Of(to).Split(' '));
        return low[^1] == high[^1] ? $"{low[0]}-{high[0]} {high[^1]}" : $"{Text.Of(from)}-{Text.Of(to)}";
    }
}
