using System.Globalization;
using System.Runtime.CompilerServices;
using Resilience.Polly.Packages.Tests;

[assembly: AssemblyFixture(typeof(PackedPackages))]

namespace Resilience.Polly.Packages.Tests;

/// <summary>The packages of this commit, packed twice from copies of the sources in two folders.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    /// <summary>What <c>dotnet pack</c> reads, beside <c>src</c>.</summary>
    private static readonly string[] Inputs =
        ["Directory.Build.props", "Directory.Packages.props", "nuget.config", "global.json", ".editorconfig", "LICENSE", "docs/images/icon.png"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resilience-polly-packed-");

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    public static string[] Names { get; } = ["Resilience.Polly", "Resilience.Polly.AspNetCore", "Resilience.Polly.Http"];

    /// <summary>Differs in each run, so that no cache holds packages of another one.</summary>
    public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture)}";

    public string First => Path.Combine(_folder.FullName, "first", "packages");

    public string Second => Path.Combine(_folder.FullName, "second", "deeper", "packages");

    public async ValueTask InitializeAsync()
    {
        await PackAsync(First);
        await PackAsync(Second);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Lays a program of <c>tests/packages</c> into a folder of its own, where only the packages are.</summary>
    /// <returns>The folder, and the environment to build it in.</returns>
    public (string Folder, Dictionary<string, string> Environment) Lay(string program, string? suffix = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "programs", program + suffix)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "tests", "packages", program)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        // Ours come from the folder and all others from the source of the machine.
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{First}" />
              </packageSources>
              <packageSourceMapping>
                <packageSource key="packed"><package pattern="Resilience.Polly*" /></packageSource>
                <packageSource key="nuget.org"><package pattern="*" /></packageSource>
              </packageSourceMapping>
            </configuration>
            """);

        // What this test installs stays out of the user's cache, and what is there already is not downloaded again.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return (folder, new()
        {
            ["PackedVersion"] = Version,
            ["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "cache"),
            ["RestoreFallbackFolders"] = Directory.Exists(cache) ? cache : "",
        });
    }

    private async Task PackAsync(string packages)
    {
        var copy = Path.GetDirectoryName(packages)!;
        var sources = Path.Combine(Root, "src");
        var files = Directory.EnumerateFiles(sources, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Concat(Inputs);
        foreach (var file in files)
        {
            var target = Path.Combine(copy, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Root, file), target);
        }

        // As CI does: from the lock files alone, and without paths of this machine in what is built. The analyzers have run in the build of the solution.
        await Dotnet.RunAsync(copy, new Dictionary<string, string> { ["CI"] = "true" },
            "pack", Path.Combine("src", "Packages.slnx"), "--configuration", "Release", "--output", packages, $"-p:Version={Version}", "-p:RunAnalyzers=false", "-v:quiet");
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
