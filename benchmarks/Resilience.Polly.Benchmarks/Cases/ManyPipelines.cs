using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Benchmarks;

/// <summary>What each of very many pipelines weighs, and what its first use costs. Measured once a run: a pipeline is first used once.</summary>
internal static class ManyPipelines
{
    public const int Count = 10_000;

    private const int PartsOfMinute = 12;

    private static readonly string[] Names = [.. Enumerable.Range(0, Count).Select(number => $"service-{number}")];

    public static async Task<Footprint> MeasureAsync(Func<TimeProvider, ServiceProvider> register)
    {
        var firstUse = await MeasureFirstUseAsync(register);
        var clock = new FakeTimeProvider();
        var empty = Memory();
        await using var services = register(clock);
        var provider = services.GetRequiredService<ResiliencePipelineProvider<string>>();
        var registered = Memory() - empty;
        Array.ForEach(Names, name => provider.GetPipeline(name));
        var had = Memory() - empty;
        await UseAllAsync(provider, clock);
        return new(registered / Count, had / Count, (Memory() - empty) / Count, firstUse);
    }

    /// <summary>Calls each pipeline in each twelfth of a minute.</summary>
    public static async Task UseAllAsync(ResiliencePipelineProvider<string> provider, FakeTimeProvider clock)
    {
        for (var part = 0; part < PartsOfMinute; part++)
        {
            await CallAllAsync(provider);
            clock.Advance(TimeSpan.FromMinutes(1) / PartsOfMinute);
        }
    }

    public static ServiceProvider RegisterOurs(TimeProvider clock)
    {
        var services = new ServiceCollection().AddSingleton(clock);
        var builder = services.AddResilience();
        Array.ForEach(Names, name => builder.AddPipeline(name));
        return services.BuildServiceProvider();
    }

    public static ServiceProvider RegisterPollys(TimeProvider clock)
    {
        var services = new ServiceCollection();
        foreach (var name in Names)
        {
            services.AddResiliencePipeline(name, builder =>
            {
                builder.TimeProvider = clock;
                builder.AddFour();
            });
        }

        return services.BuildServiceProvider();
    }

    private static async Task<double> MeasureFirstUseAsync(Func<TimeProvider, ServiceProvider> register)
    {
        await using var services = register(TimeProvider.System);
        var provider = services.GetRequiredService<ResiliencePipelineProvider<string>>();
        Memory(); // so that the collection of what others left is not in it
        var began = Stopwatch.GetTimestamp();
        await CallAllAsync(provider);
        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / Count;
    }

    private static async Task CallAllAsync(ResiliencePipelineProvider<string> provider)
    {
        foreach (var name in Names)
        {
            await provider.GetPipeline(name).ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);
        }
    }

    private static double Memory() => GC.GetTotalMemory(forceFullCollection: true);
}

/// <summary>Bytes kept for a pipeline, from nothing to each stage, and nanoseconds until its first call is over.</summary>
internal sealed record Footprint(double Registered, double Had, double InUse, double FirstUse);
