using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 3: Circuit Breaker Pattern", one by one.</summary>
public sealed class CircuitBreakerChapterTests : IAsyncDisposable
{
    private readonly TestPipelines _app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
    private readonly Bank _bank = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Closed_failures_are_counted_and_a_success_sets_the_count_to_0()
    {
        _bank.IsDown = true;
        Assert.Equal("Payment failed, but the circuit is still closed", await PayWhileClosedAsync());
        Assert.Equal((CircuitState.Closed, 1), (_app.Snapshot.CircuitBreaker.State, _app.Snapshot.CircuitBreaker.FailureCount));

        _bank.IsDown = false;
        Assert.Equal("Payment processed", await PayWhileClosedAsync());
        Assert.Equal(0, _app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Open_calls_fail_at_once_and_are_not_sent()
    {
        await OpenAsync();
        _app.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("Payment service is down for 20 s - using the backup", await PayWhileOpenAsync());
        Assert.Equal(5, _bank.Asked);
    }

    [Theory]
    [InlineData(false, "Payment service recovered: Closed")]
    [InlineData(true, "Payment service still failing: Open")]
    public async Task Half_open_one_call_decides(bool isStillDown, string expected)
    {
        await OpenAsync();
        _app.Clock.Advance(TimeSpan.FromSeconds(30));
        _bank.IsDown = isStillDown;

        Assert.Equal(expected, await ProbeAsync());
    }

    [Fact]
    public void Configuration_examples()
    {
        CircuitBreakerOptions sensitive = CircuitBreakerPresets.Sensitive; // FailureThreshold 3, RecoveryTimeout 10 s
        CircuitBreakerOptions tolerant = CircuitBreakerPresets.Tolerant;   // FailureThreshold 10, RecoveryTimeout 60 s
        Assert.Equal((3, 10.0), (sensitive.FailureThreshold, sensitive.RecoveryTimeout.TotalSeconds));
        Assert.Equal((10, 60.0), (tolerant.FailureThreshold, tolerant.RecoveryTimeout.TotalSeconds));
    }

    [Fact]
    public async Task Fallback_in_one_line_answers_every_failure()
    {
        var recommendations = _app.Pipeline;
        Task<string[]> mlService(string userId, CancellationToken token) => throw new SocketException((int)SocketError.ConnectionRefused);

        string[] products = await recommendations.ExecuteWithFallbackAsync(async token => await mlService("ann", token), ["Popular Product 1"]);

        Assert.Equal(["Popular Product 1"], products);
    }

    [Fact]
    public async Task Monitor_is_told_of_each_change()
    {
        using var log = new LogRecorder();
        await using (var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.CircuitBreaker.FailureThreshold) = (1, 2), null, new CircuitMonitor(log)))
        {
            var service = new Dependency(Dependency.Fails(), Dependency.Fails(), Dependency.Answers(1));
            await service.ThroughAsync(app.Pipeline);
            await service.ThroughAsync(app.Pipeline);
            app.Clock.Advance(TimeSpan.FromSeconds(30));
            await service.ThroughAsync(app.Pipeline);
        }

        Assert.Equal(
            [
                "Warning: Circuit breaker OPENED: 2 failures",
                "Information: Circuit breaker testing recovery (HALF_OPEN)",
                "Information: Circuit breaker CLOSED: service recovered",
            ],
            log.Lines);
    }

    private async Task OpenAsync()
    {
        _bank.IsDown = true;
        for (var call = 1; call <= 5; call++)
        {
            Assert.Equal("Payment failed, but the circuit is still closed", await PayWhileClosedAsync());
        }
    }

    private Task<string> PayWhileClosedAsync()
    {
        var (payments, bank, order) = (_app.Pipeline, _bank, 1);
        return PayWhileClosedAsync();

        async Task<string> PayWhileClosedAsync()
        {
            try
            {
                await payments.ExecuteAsync(async token => await bank.ChargeAsync(order, token));
                return "Payment processed"; // the count of failures is 0 again
            }
            catch (ApiConnectionException)
            {
                return "Payment failed, but the circuit is still closed"; // failure 1 of 5
            }
        }
    }

    private Task<string> PayWhileOpenAsync()
    {
        var (payments, bank, order) = (_app.Pipeline, _bank, 1);
        return PayWhileOpenAsync();

        async Task<string> PayWhileOpenAsync()
        {
            try
            {
                await payments.ExecuteAsync(async token => await bank.ChargeAsync(order, token));
                return "Payment processed";
            }
            catch (CircuitOpenException open) // nothing was sent
            {
                return $"Payment service is down for {open.RetryAfter?.TotalSeconds} s - using the backup";
            }
        }
    }

    private Task<string> ProbeAsync()
    {
        var (payments, bank, order, monitor) = (_app.Pipeline, _bank, 1, _app.Monitor);
        return ProbeAsync();

        async Task<string> ProbeAsync()
        {
            try
            {
                await payments.ExecuteAsync(async token => await bank.ChargeAsync(order, token));
                return $"Payment service recovered: {monitor.GetSnapshot("payments").CircuitBreaker.State}";
            }
            catch (ApiConnectionException)
            {
                return $"Payment service still failing: {monitor.GetSnapshot("payments").CircuitBreaker.State}";
            }
        }
    }

    private sealed class Bank
    {
        public bool IsDown { get; set; }

        public int Asked { get; private set; }

        public Task ChargeAsync(int order, CancellationToken cancellationToken)
        {
            Asked += order;
            return IsDown ? throw new SocketException((int)SocketError.ConnectionRefused) : Task.CompletedTask;
        }
    }
}

internal sealed class CircuitMonitor(ILogger logger) : IResilienceListener
{
    public void OnEvent(PipelineEvent e)
    {
        switch (e)
        {
            case CircuitStateChangedEvent { To: CircuitState.Open } opened:
                logger.LogWarning("Circuit breaker OPENED: {Failures} failures", opened.FailureCount);
                break;
            case CircuitStateChangedEvent { To: CircuitState.HalfOpen }:
                logger.LogInformation("Circuit breaker testing recovery (HALF_OPEN)");
                break;
            case CircuitStateChangedEvent { To: CircuitState.Closed }:
                logger.LogInformation("Circuit breaker CLOSED: service recovered");
                break;
        }
    }
}
