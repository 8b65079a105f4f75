using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Moq;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>What is kept of the past, by a monitor that says what the test wants.</summary>
public class HistoryTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, int> _inUse = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A model beside it: values that stay and change, pipelines that come and go, a page now and then.</summary>
    [Fact]
    public async Task History_is_that_of_a_list_of_the_last_samples_whatever_comes()
    {
        var seed = Environment.TickCount;
        var chance = new Random(seed);
        await using var app = await StartAsync(options => options.History = TimeSpan.FromSeconds(10));
        var model = new Dictionary<string, List<int>>();
        for (var step = 0; step < 400; step++)
        {
            foreach (var name in new[] { "a", "b", "c" })
            {
                var dice = chance.Next(10); // mostly it stays as it was, often for longer than the history
                if (dice == 0)
                {
                    _inUse.Remove(name);
                }
                else if (dice < 3)
                {
                    _inUse[name] = chance.Next(3);
                }
            }

            if (step % 40 > 20)
            {
                _inUse.Keys.ToList().ForEach(name => _inUse[name] = 1);
            }

            app.Clock.Advance(Tick);
            foreach (var name in model.Keys.Except(_inUse.Keys).ToList())
            {
                model.Remove(name);
            }

            foreach (var (name, value) in _inUse)
            {
                var values = model.TryGetValue(name, out var known) ? known : model[name] = [];
                values.Add(value);
                values.RemoveRange(0, Math.Max(0, values.Count - 10));
            }

            if (step % 7 == 0)
            {
                var history = (await WholeAsync(app)).GetProperty("history");
                Assert.True(model.Keys.Order().SequenceEqual(history.EnumerateObject().Select(track => track.Name).Order()), $"seed {seed}, step {step}: other pipelines");
                foreach (var (name, expected) in model)
                {
                    Assert.True(expected.SequenceEqual(Read(history.GetProperty(name))), $"seed {seed}, step {step}, {name}: {string.Join(' ', Read(history.GetProperty(name)))} instead of {string.Join(' ', expected)}");
                }
            }
        }
    }

    [Fact]
    public async Task History_stays_within_its_memory_and_the_log_says_once_that_it_is_used_up()
    {
        // 3,600 samples of 44 bytes: a megabyte has room for six pipelines that change.
        await using var app = await StartAsync(options => (options.History, options.MaxHistoryMegabytes) = (TimeSpan.FromHours(1), 1));
        for (var second = 0; second < 20; second++)
        {
            for (var pipeline = 0; pipeline < 8; pipeline++)
            {
                _inUse[$"busy-{pipeline}"] = second;
                _inUse[$"idle-{pipeline}"] = 0;
            }

            app.Clock.Advance(Tick);
        }

        var history = (await WholeAsync(app)).GetProperty("history");

        Assert.Equal(6, Enumerable.Range(0, 8).Count(number => Read(history.GetProperty($"busy-{number}")).Count() == 20));
        Assert.Equal(2, Enumerable.Range(0, 8).Count(number => Read(history.GetProperty($"busy-{number}")).Count() == 1));
        Assert.All(Enumerable.Range(0, 8), number => Assert.Equal(20, Read(history.GetProperty($"idle-{number}")).Count()));
        Assert.StartsWith("Warning: The history of the resilience dashboard has reached MaxHistoryMegabytes = 1", Assert.Single(app.Log.Lines), StringComparison.Ordinal);

        // Those that are gone leave their room to others.
        _inUse.Remove("busy-0");
        app.Clock.Advance(Tick);
        _inUse["busy-7"]++;
        app.Clock.Advance(Tick);
        Assert.Equal(3, Read((await WholeAsync(app)).GetProperty("history").GetProperty("busy-7")).Count());
    }

    [Fact]
    public async Task Pipeline_that_is_forgotten_is_told_to_the_pages()
    {
        _inUse["tenant-1"] = _inUse["tenant-2"] = 0;
        await using var app = await StartAsync(_ => { });
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");

        _inUse.Remove("tenant-1");
        app.Clock.Advance(Tick);
        var tick = await stream.NextAsync("tick");
        app.Clock.Advance(Tick);
        var next = await stream.NextAsync("tick");

        Assert.Equal(["tenant-1"], tick.GetProperty("gone").EnumerateArray().Select(name => name.GetString()));
        Assert.False(next.TryGetProperty("gone", out _));
    }

    private static async Task<JsonElement> WholeAsync(DashboardApp app)
    {
        using var stream = await app.WatchAsync();
        return await stream.NextAsync("whole");
    }

    // A column that does not change is one number.
    private static IEnumerable<int> Read(JsonElement track)
    {
        var column = track.GetProperty("inUse");
        return column.ValueKind == JsonValueKind.Array
            ? column.EnumerateArray().Select(value => value.GetInt32())
            : Enumerable.Repeat(column.GetInt32(), track.GetProperty("points").GetInt32());
    }

    private Task<DashboardApp> StartAsync(Action<DashboardOptions> configure) => DashboardApp.StartAsync(
        _ => { },
        services =>
        {
            services.AddResilience();
            var monitor = new Mock<IResilienceMonitor>();
            monitor.Setup(it => it.GetSnapshots()).Returns(() => [.. _inUse.Select(pipeline => Snapshot(pipeline.Key, pipeline.Value))]);
            monitor.Setup(it => it.WatchAsync(null, It.IsAny<CancellationToken>())).Returns(AsyncEnumerable.Empty<PipelineEvent>());
            services.Replace(ServiceDescriptor.Singleton(monitor.Object));
        },
        app => app.MapResilienceDashboard(configure: options =>
        {
            options.MaxStreams = 10_000;
            configure(options);
        }),
        isClockFake: true);

    private static PipelineSnapshot Snapshot(string name, int inUse) => new()
    {
        Name = name, At = DateTimeOffset.UnixEpoch, CircuitBreaker = new(), Bulkhead = new() { Limit = 100, InUse = inUse },
        Calls = new(), Lifetime = new(), Latency = new(), Alerts = [], Options = new(),
    };
}
