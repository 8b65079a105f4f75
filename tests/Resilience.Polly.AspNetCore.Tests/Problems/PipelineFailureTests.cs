using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Failures of real pipelines, on their way through a real server.</summary>
public class PipelineFailureTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_circuit_is_503_until_its_next_probe(bool isMapped)
    {
        await using var app = await StartAsync(
            options =>
            {
                options.MapExceptions = isMapped;
                options.CircuitBreaker.FailureThreshold = 1;
                options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromHours(1);
            },
            _ => throw new HttpRequestException("secret", null, HttpStatusCode.ServiceUnavailable));
        await app.GetAsync();

        var answer = await app.GetAsync();

        Assert.Equal(503, answer.Status);
        Assert.InRange(int.Parse(answer.RetryAfter!), 3_500, 3_600);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Isolated_circuit_is_503(bool isMapped)
    {
        await using var app = await StartAsync(options => options.MapExceptions = isMapped, _ => ValueTask.CompletedTask);
        app.Services.GetRequiredService<ICircuitBreakerControl>().Isolate("payments");

        var answer = await app.GetAsync();

        Assert.Equal((503, "30"), (answer.Status, answer.RetryAfter));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Full_bulkhead_is_503(bool isMapped)
    {
        var inside = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        await using var app = await StartAsync(
            options =>
            {
                options.MapExceptions = isMapped;
                options.Bulkhead.MaxConcurrency = 1;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
            },
            async _ =>
            {
                inside.SetResult();
                await leave.Task;
            });
        var first = app.GetAsync();
        await inside.Task.WaitAsync(DashboardApp.Patience);

        var second = await app.GetAsync();
        leave.SetResult();

        Assert.Equal((503, "1"), (second.Status, second.RetryAfter));
        Assert.Equal(200, (await first).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timeout_is_504(bool isMapped)
    {
        await using var app = await StartAsync(
            options =>
            {
                options.MapExceptions = isMapped;
                options.Timeout.Attempt = TimeSpan.FromMilliseconds(20);
            },
            token => new(Task.Delay(Timeout.Infinite, token)));

        Assert.Equal(504, (await app.GetAsync()).Status);
    }

    [Fact]
    public async Task Refused_connection_is_502_and_the_address_stays_here()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // without Listen it refuses, and nobody else gets the port
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using var http = new HttpClient();
        await using var app = await StartAsync(
            _ => { }, async token => await http.GetAsync(new Uri($"http://127.0.0.1:{port}/?key=secret"), token), environment: "Development");

        var answer = await app.GetAsync();

        Assert.Equal(502, answer.Status);
        Assert.DoesNotContain($"{port}", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("payments", answer.Body, StringComparison.Ordinal);
    }

    private static Task<ProblemApp> StartAsync(
        Action<PipelineOptions> configure, Func<CancellationToken, ValueTask> call, string environment = "Production") =>
        ProblemApp.StartAsync(
            async context =>
            {
                var payments = context.RequestServices.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("payments");
                await payments.ExecuteAsync(call, context.RequestAborted);
            },
            services => services.AddResilience().AddPipeline("payments", options =>
            {
                options.Retry.MaxAttempts = 1;
                configure(options);
            }),
            environment: environment);
}
