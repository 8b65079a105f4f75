using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>The settings in force, for code that needs them, by the name of the pipeline.</summary>
public class OptionsMonitorTests
{
    private static IOptionsMonitor<PipelineOptions> SettingsOf(TestPipelines app) =>
        app.Services.GetRequiredService<IOptionsMonitor<PipelineOptions>>();

    private static TestPipelines App(LiveJson json) => new(services => services.AddResilience(json.Section));

    private static string Reads(string payments, string search = "00:00:30") =>
        $$$"""{ "Pipelines": { "payments": { "Timeout": { "Read": "{{{payments}}}" } }, "search": { "Timeout": { "Read": "{{{search}}}" } } } }""";

    [Theory]
    [InlineData("payments")]
    [InlineData("PAYMENTS")]
    public async Task Get_gives_the_settings_in_force(string name)
    {
        await using var app = App(new LiveJson(Reads("00:00:07")));

        Assert.Equal(TimeSpan.FromSeconds(7), SettingsOf(app).Get(name).Timeout.Read);
    }

    [Fact]
    public async Task Get_after_a_reload_gives_the_new_settings()
    {
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = App(json);
        Assert.Equal(TimeSpan.FromSeconds(7), SettingsOf(app).Get("payments").Timeout.Read);

        json.Change(Reads("00:00:08"));

        Assert.Equal(TimeSpan.FromSeconds(8), SettingsOf(app).Get("payments").Timeout.Read);
    }

    [Theory]
    [InlineData("paymets")]
    [InlineData(null)]
    public async Task Get_unknown_name_throws_with_the_known_ones(string? name)
    {
        await using var app = App(new LiveJson(Reads("00:00:07")));

        var unknown = Assert.Throws<KeyNotFoundException>(() => SettingsOf(app).Get(name));

        Assert.Contains("Known are: payments, search.", unknown.Message);
    }

    [Fact]
    public async Task CurrentValue_throws_since_settings_have_a_name()
    {
        await using var app = App(new LiveJson(Reads("00:00:07")));

        Assert.Throws<InvalidOperationException>(() => SettingsOf(app).CurrentValue);
    }

    [Fact]
    public async Task OnChange_tells_the_pipeline_that_changed_and_no_other()
    {
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = App(json);
        var heard = Listen(app);

        json.Change(Reads("00:00:08"));

        Assert.Equal(["payments 8"], heard);
    }

    [Fact]
    public async Task OnChange_tells_a_new_pipeline()
    {
        var json = new LiveJson("{}");
        await using var app = App(json);
        var heard = Listen(app);

        json.Change(Reads("00:00:08", "00:00:09"));

        Assert.Equal(["payments 8", "search 9"], heard.Order());
    }

    [Fact]
    public async Task OnChange_unchanged_settings_are_no_change()
    {
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = App(json);
        var heard = Listen(app);

        json.Change(Reads("00:00:07"));

        Assert.Empty(heard);
    }

    [Fact]
    public async Task OnChange_faulty_settings_are_no_change()
    {
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = App(json);
        var heard = Listen(app);

        json.Change(Reads("00:00:08", "30"));

        Assert.Empty(heard);
        Assert.Equal(TimeSpan.FromSeconds(7), SettingsOf(app).Get("payments").Timeout.Read);
    }

    [Fact]
    public async Task OnChange_disposed_hears_nothing_more()
    {
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = App(json);
        var heard = new List<string?>();
        SettingsOf(app).OnChange((_, name) => heard.Add(name))!.Dispose();

        json.Change(Reads("00:00:08"));

        Assert.Empty(heard);
    }

    [Fact]
    public async Task OnChange_when_it_is_told_the_change_is_in_force()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 2, "MinWait": "00:00:00" } } } }""");
        await using var app = App(json);
        var dependency = new Dependency(Fails());
        Task<Outcome<int>>? call = null;
        using var watch = SettingsOf(app).OnChange((_, _) => call = dependency.ThroughAsync(app.Pipeline));

        json.Change("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 4, "MinWait": "00:00:00" } } } }""");

        await call!;
        Assert.Equal(4, dependency.Attempts);
    }

    [Fact]
    public async Task OnChange_listener_may_have_another_thread_make_a_pipeline()
    {
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = App(json);
        var made = false;
        using var watch = SettingsOf(app).OnChange((_, _) => made = Task.Run(() => app.Provider.GetPipeline("search")).Wait(HeldCall.Patience));

        json.Change(Reads("00:00:08"));

        Assert.True(made);
    }

    [Fact]
    public async Task OnChange_listener_that_throws_is_logged_and_harms_no_other()
    {
        using var log = new LogRecorder();
        var json = new LiveJson(Reads("00:00:07"));
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddResilience(json.Section);
        });
        using var watch = SettingsOf(app).OnChange((_, _) => throw new InvalidOperationException());
        var heard = Listen(app);

        json.Change(Reads("00:00:08", "00:00:09"));

        Assert.Equal(["payments 8", "search 9"], heard.Order());
        Assert.Contains("Error: Code that listens to changed settings failed, for pipeline 'payments'", log.Lines);
    }

    [Fact]
    public async Task Get_a_changed_copy_changes_nothing_in_force()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var copy = SettingsOf(app).Get("payments");

        copy.Retry.MaxAttempts = 5;

        var dependency = new Dependency(Fails());
        await dependency.ThroughAsync(app.Pipeline);
        Assert.Equal(2, dependency.Attempts);
        Assert.Equal(2, app.Snapshot.Options.Retry.MaxAttempts);
    }

    private static List<string> Listen(TestPipelines app)
    {
        var heard = new List<string>();
        SettingsOf(app).OnChange((options, name) => heard.Add($"{name} {options.Timeout.Read.TotalSeconds}"));
        return heard;
    }
}
