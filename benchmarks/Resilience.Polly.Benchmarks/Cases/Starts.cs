using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Polly.Retry;

namespace Resilience.Polly.Benchmarks;

/// <summary>What a host with an <c>appsettings.json</c> takes to start, and to take over a change of it. A process starts once, so each measurement has a process of its own.</summary>
internal static class Starts
{
    public const string Command = "start";
    public const string Ours = "ours";
    public const string Rival = "Polly's";

    private const string Settings = "appsettings.json";

    /// <summary>Measures in a process of its own.</summary>
    public static async Task<StartCost> MeasureAsync(string contestant, int pipelines)
    {
        var folder = Directory.CreateTempSubdirectory("starts-");
        try
        {
            await WriteAsync(folder.FullName, pipelines, slots: 30);
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            Array.ForEach(
                [typeof(Starts).Assembly.Location, Command, contestant, pipelines.ToString(CultureInfo.InvariantCulture), folder.FullName], start.ArgumentList.Add);
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? JsonSerializer.Deserialize<StartCost>(output)!
                : throw new InvalidOperationException($"The process that starts {pipelines} pipelines ended with exit code {process.ExitCode}. {output}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What that process does: starts a host, has each pipeline once, changes the file, and prints what that cost.</summary>
    public static async Task RunAsync(string contestant, int pipelines, string folder)
    {
        var (began, bytes) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            ContentRootPath = folder,
            Args = ["--hostBuilder:reloadConfigOnChange=false"], // the file is read again when the measurement says so
        });
        builder.Logging.ClearProviders().AddProvider(new UnreadLog());
        Register(contestant, builder, pipelines);
        using var host = builder.Build();
        await host.StartAsync();
        var started = Stopwatch.GetElapsedTime(began);
        var provider = host.Services.GetRequiredService<ResiliencePipelineProvider<string>>();
        Array.ForEach(Names(pipelines), name => provider.GetPipeline(name));
        var had = Stopwatch.GetElapsedTime(began);
        var startBytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        var (reload, reloadBytes) = await ReloadAsync(builder.Configuration, folder, pipelines);
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
            new StartCost(started.TotalNanoseconds, had.TotalNanoseconds, startBytes, reload.TotalNanoseconds, reloadBytes)));
        await host.StopAsync();
    }

    private static async Task<(TimeSpan Time, double Bytes)> ReloadAsync(IConfigurationRoot configuration, string folder, int pipelines)
    {
        await WriteAsync(folder, pipelines, slots: 31); // another value for the last pipeline
        var file = configuration.Providers.OfType<JsonConfigurationProvider>().Single(provider => provider.Source.Path == Settings);
        var (began, bytes) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        file.Load(); // as the watcher of the file does: one notification of the change
        return (Stopwatch.GetElapsedTime(began), GC.GetTotalAllocatedBytes(precise: true) - bytes);
    }

    private static void Register(string contestant, HostApplicationBuilder builder, int pipelines)
    {
        if (contestant == Ours)
        {
            builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"));
        }
        else
        {
            Array.ForEach(Names(pipelines), name => AddPollys(builder, name));
        }
    }

    // Read value by value, which is faster than to bind a section, and followed by the token of the configuration.
    private static void AddPollys(HostApplicationBuilder builder, string name)
    {
        builder.Services.AddSingleton<IOptionsChangeTokenSource<PollySettings>>(new ConfigurationChangeTokenSource<PollySettings>(name, builder.Configuration));
        builder.Services.Configure<PollySettings>(name, settings => settings.Section = builder.Configuration.GetSection($"Resilience:Pipelines:{name}"));
        builder.Services.AddResiliencePipeline(name, (pipeline, context) =>
        {
            context.EnableReloads<PollySettings>(name);
            AddFour(pipeline, context.GetOptions<PollySettings>(name).Section!);
        });
    }

    private static void AddFour(ResiliencePipelineBuilder pipeline, IConfigurationSection section) => pipeline
        .AddConcurrencyLimiter(section.GetValue("Bulkhead:MaxConcurrency", 20), section.GetValue("Bulkhead:MaxQueue", int.MaxValue))
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            MinimumThroughput = section.GetValue("CircuitBreaker:FailureThreshold", 5), BreakDuration = section.GetValue("CircuitBreaker:RecoveryTimeout", TimeSpan.FromSeconds(30)),
        })
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = section.GetValue("Retry:MaxAttempts", 3) - 1,
            Delay = section.GetValue("Retry:MinWait", TimeSpan.FromSeconds(1)),
            MaxDelay = section.GetValue("Retry:MaxWait", TimeSpan.FromSeconds(60)),
            UseJitter = section.GetValue("Retry:Jitter", true),
        })
        .AddTimeout(section.GetValue("Timeout:Read", TimeSpan.FromSeconds(30)));

    private static string[] Names(int pipelines) => [.. Enumerable.Range(0, pipelines).Select(number => $"service-{number}")];

    private static Task WriteAsync(string folder, int pipelines, int slots)
    {
        var blocks = Names(pipelines).ToDictionary(name => name, name => new
        {
            BaseAddress = $"https://{name}.internal",
            Timeout = new { Connect = "00:00:05", Read = "00:00:15" },
            Retry = new { MaxAttempts = 3, MinWait = "00:00:01", MaxWait = "00:00:10" },
            CircuitBreaker = new { FailureThreshold = 5, RecoveryTimeout = "00:00:30" },
            Bulkhead = new { MaxConcurrency = name.EndsWith($"-{pipelines - 1}", StringComparison.Ordinal) ? slots : 30, AcquisitionTimeout = "00:00:01" },
        });
        return File.WriteAllTextAsync(Path.Combine(folder, Settings), JsonSerializer.Serialize(new { Resilience = new { Pipelines = blocks } }));
    }
}

/// <summary>A log that is on, as in any application, and that nobody reads.</summary>
internal sealed class UnreadLog : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => formatter(state, exception);

    public void Dispose()
    {
    }
}

/// <summary>Where the rival's pipeline finds its settings.</summary>
internal sealed class PollySettings
{
    public IConfigurationSection? Section { get; set; }
}

/// <summary>What a start cost until the host was started and until every pipeline had been asked for, and what a reload did. Nanoseconds and bytes.</summary>
internal sealed record StartCost(double Started, double Had, double Bytes, double Reload, double ReloadBytes);
