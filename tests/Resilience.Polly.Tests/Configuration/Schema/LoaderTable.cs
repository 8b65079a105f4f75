using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>A key of the configuration. A value has a <see cref="Range"/>; a block has <see cref="Keys"/>, and maybe <see cref="Presets"/>.</summary>
internal sealed record LoaderKey(string Name, string? Range, IReadOnlyList<LoaderKey> Keys, IReadOnlyList<string> Presets)
{
    public bool IsBlock => Range is null;
}

/// <summary>The settings tables, as the loader states them in its faults. Keys, ranges and presets are then written nowhere else.</summary>
internal static class LoaderTable
{
    private const string IsBlock = "a block of settings is expected here, with the keys ";
    private const string IsValue = "a single value is expected here, allowed is ";
    private const string UnknownPreset = "not one of ";

    public static IReadOnlyList<LoaderKey> Pipeline { get; } = Read("Pipelines:any").Keys;

    public static IReadOnlyList<LoaderKey> Queue { get; } = Read("Queues:any").Keys;

    /// <summary>What the loader says about a configuration file.</summary>
    /// <returns>Its faults; none when it accepts the file.</returns>
    public static IReadOnlyList<string> FaultsOf(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddResilience(configuration.GetSection("Resilience"));
        using var provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IResilienceMonitor>();
            return [];
        }
        catch (ResilienceConfigurationException refused)
        {
            return [.. refused.Failures];
        }
    }

    private static LoaderKey Read(string path)
    {
        var name = path.Split(':')[^1];
        if (Told(path, IsBlock) is { } keys)
        {
            return new(name, Range: null, [.. keys.Split(", ").Select(key => Read($"{path}:{key}"))], Told($"{path}:Preset", UnknownPreset)?.Split(", ") ?? []);
        }

        return new(name, Told($"{path}:0", IsValue) ?? throw new InvalidOperationException($"The loader says neither that {path} is a block nor that it is a value."), [], []);
    }

    /// <summary>What the loader expects at <paramref name="path"/>, told by the fault of a value that is wrong everywhere.</summary>
    private static string? Told(string path, string expectation)
    {
        var faults = FaultsOf(new ConfigurationBuilder().AddInMemoryCollection([new($"Resilience:{path}", "?")]).Build());
        return faults.FirstOrDefault(fault => fault.Contains(expectation, StringComparison.Ordinal)) is { } fault
            ? fault[(fault.IndexOf(expectation, StringComparison.Ordinal) + expectation.Length)..]
            : null;
    }
}
