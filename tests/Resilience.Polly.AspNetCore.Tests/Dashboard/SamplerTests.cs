using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Moq;

namespace Resilience.Polly.AspNetCore.Tests;

public class SamplerTests
{
    private const int Viewers = 50;
    private const int Pipelines = 200;
    private const int Ticks = 30;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Fifty_viewers_of_200_pipelines_cost_as_many_samples_as_one_and_read_the_same_bytes()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(builder => StreamTests.Many(builder, Pipelines), looks.Count, isClockFake: true);
        var streams = await Task.WhenAll(Enumerable.Range(0, Viewers).Select(_ => app.WatchAsync()));
        var wholes = await Task.WhenAll(streams.Select(stream => stream.NextAsync()));

        Assert.Single(wholes.Distinct());
        Assert.Equal(1, looks.Taken);
        for (var i = 1; i <= Ticks; i++)
        {
            for (var pipeline = 0; pipeline < Pipelines; pipeline++)
            {
                await app.CallAsync($"service-{pipeline}");
            }

            app.Clock.Advance(Tick);
            var ticks = await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
            Assert.Single(ticks.Distinct());
            Assert.Equal(1 + i, looks.Taken);
        }

        foreach (var stream in streams)
        {
            stream.Dispose();
        }
    }

    [Fact]
    public async Task Tick_for_fifty_viewers_allocates_no_more_than_one_for_one()
    {
        var one = await AllocatedByATickAsync(viewers: 1);
        var fifty = await AllocatedByATickAsync(Viewers);

        // Some 3 MB for 200 pipelines; serialised for each viewer it would be 50 times as much.
        Assert.InRange(fifty, 1, one * 1.2);
    }

    [Fact]
    public async Task Nobody_samples_until_a_page_is_opened()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(services: looks.Count, isClockFake: true);

        await app.Client.GetStringAsync("/resilience/");
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, looks.Taken);
    }

    [Fact]
    public async Task Sampling_goes_on_for_the_history_after_the_last_page_and_then_ends()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(
            services: looks.Count, isClockFake: true, map: app => app.MapResilienceDashboard(configure: o => (o.MaxStreams, o.History) = (1, TimeSpan.FromSeconds(20))));
        using (var stream = await app.WatchAsync())
        {
            await stream.NextAsync("whole");
        }

        // The server has noticed that the page is gone when there is room for another.
        await StreamTests.EventuallyAsync(async () =>
        {
            using var other = await app.WatchAsync();
            return other.Response.IsSuccessStatusCode;
        });
        await StreamTests.EventuallyAsync(() =>
        {
            app.Clock.Advance(Tick);
            var before = looks.Taken;
            app.Clock.Advance(Tick);
            return Task.FromResult(looks.Taken == before);
        });

        Assert.InRange(looks.Taken, 20, 10_000);
        using var later = await app.WatchAsync();
        var whole = await later.NextAsync("whole");
        Assert.Equal(1, whole.GetProperty("times").GetArrayLength()); // a gap would be drawn as a line
    }

    [Fact]
    public async Task Look_that_fails_is_logged_and_the_next_one_is_told()
    {
        var looks = new Looks();
        await using var app = await DashboardApp.StartAsync(services: looks.Count, isClockFake: true);
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");

        looks.Failure = new InvalidOperationException("no");
        app.Clock.Advance(Tick);
        looks.Failure = null;
        app.Clock.Advance(Tick);

        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeMilliseconds(), (await stream.NextAsync("tick")).GetProperty("at").GetInt64());
        Assert.StartsWith("Error: The resilience dashboard could not look", Assert.Single(app.Log.Lines), StringComparison.Ordinal);
    }

    // The fake clock runs the sampler on the thread that moves it.
    private static async Task<double> AllocatedByATickAsync(int viewers)
    {
        await using var app = await DashboardApp.StartAsync(builder => StreamTests.Many(builder, Pipelines), isClockFake: true);
        var streams = await Task.WhenAll(Enumerable.Range(0, viewers).Select(_ => app.WatchAsync()));
        await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
        long allocated = 0;
        for (var i = 0; i < 5; i++)
        {
            for (var pipeline = 0; pipeline < Pipelines; pipeline++)
            {
                await app.CallAsync($"service-{pipeline}");
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            app.Clock.Advance(Tick);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
        }

        Array.ForEach(streams, stream => stream.Dispose());
        return allocated;
    }

    /// <summary>Counts how often somebody looks at all pipelines.</summary>
    private sealed class Looks
    {
        private int _taken;

        public int Taken => Volatile.Read(ref _taken);

        public Exception? Failure { get; set; }

        public void Count(IServiceCollection services)
        {
            services.AddResilience();
            var real = services.Single(service => service.ServiceType == typeof(IResilienceMonitor)).ImplementationType!;
            services.Replace(ServiceDescriptor.Singleton(provider =>
            {
                var inner = (IResilienceMonitor)ActivatorUtilities.CreateInstance(provider, real);
                var counting = new Mock<IResilienceMonitor>();
                counting.Setup(monitor => monitor.GetSnapshots()).Returns(() =>
                {
                    Interlocked.Increment(ref _taken);
                    return Failure is null ? inner.GetSnapshots() : throw Failure;
                });
                counting.Setup(monitor => monitor.WatchAsync(null, It.IsAny<CancellationToken>()))
                    .Returns((string? name, CancellationToken token) => inner.WatchAsync(name, token));
                return counting.Object;
            }));
        }
    }
}
