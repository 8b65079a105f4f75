using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Queues;

/// <summary>An application with a queue named <see cref="Name"/>, on a clock that the test moves, started and stopped as a host would.</summary>
internal sealed class QueueApp : IAsyncDisposable
{
    public const string Name = "reports";

    private readonly TestPipelines _app;

    public QueueApp(Action<QueueOptions>? configure = null, Action<IResilienceBuilder>? more = null, TimeProvider? clock = null) =>
        _app = new TestPipelines(
            services =>
            {
                services.AddLogging(logging => logging.AddProvider(Log));
                var builder = services.AddResilience().AddRequestQueue(Name, configure);
                more?.Invoke(builder);
            },
            clock ?? Clock);

    public TimerCountingClock Clock { get; } = new();

    public LogRecorder Log { get; } = new();

    public IServiceProvider Services => _app.Services;

    public RequestQueueProvider Queues => Services.GetRequiredService<RequestQueueProvider>();

    public RequestQueue Queue => Services.GetRequiredKeyedService<RequestQueue>(Name);

    public QueueSnapshot Now => Queue.GetSnapshot();

    public static async Task<QueueApp> StartedAsync(Action<QueueOptions>? configure = null, Action<IResilienceBuilder>? more = null, TimeProvider? clock = null)
    {
        var app = new QueueApp(configure, more, clock);
        await app.StartAsync();
        return app;
    }

    public Task StartAsync() => Hosted().StartAsync(CancellationToken.None);

    public Task StopAsync(CancellationToken cancellationToken = default) => Hosted().StopAsync(cancellationToken);

    /// <summary>Waits until the queue has come to what the test is about; only a test that fails anyway waits for long.</summary>
    public Task UntilAsync(Func<QueueSnapshot, bool> condition) => WaitAsync(() => condition(Now), () => Now.ToString());

    public static async Task WaitAsync(Func<bool> condition, Func<string> what)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !condition(); await Task.Yield())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < HeldCall.Patience, what());
        }
    }

    /// <summary>"Nothing vanishes", in a queue that has shut down.</summary>
    public static void AssertNothingVanished(QueueSnapshot end)
    {
        Assert.Equal((0, 0, 0), (end.Waiting, end.Running, end.WaitingForRoom));
        Assert.Equal(end.Accepted, end.Completed + end.Failed + end.Cancelled + end.HandedBack);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IHostedService Hosted() => Assert.Single(Services.GetServices<IHostedService>());
}

/// <summary>Tells how often a timer was made, so that a test moves the clock only when those are running that it is about.</summary>
internal sealed class TimerCountingClock : TestClock
{
    private int _timers;

    public int Timers => Volatile.Read(ref _timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan && period == Timeout.InfiniteTimeSpan)
        {
            Interlocked.Increment(ref _timers);
        }

        return timer;
    }
}
