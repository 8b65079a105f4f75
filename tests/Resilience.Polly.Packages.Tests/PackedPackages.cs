using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Resilience.Polly.Packages.Tests;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(PackedPackages))]

// Each test starts a compiler, which takes all that a core gives and some hundred megabytes.
[assembly: Parallelization(MaxThreads = 2)]

namespace Resilience.Polly.Packages.Tests;

/// <summary>The packages of these sources, packed once each in two folders.</summary>
/// <remarks>It packs from copies, since the sources' own folders are in use: other tests run from there.</remarks>
public sealed partial class PackedPackages : IAsyncLifetime
{
    /// <summary>What <c>dotnet pack</c> reads, beside <c>src</c>.</summary>
    private static readonly string[] Inputs =
        ["Directory.Build.props", "Directory.Packages.props", "nuget.config", "global.json", ".editorconfig", "LICENSE", "docs/images/icon.png"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resilience-polly-packed-");

    private (string Key, string Address)[] _sources = [];

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    public static string[] Names { get; } =
        [.. Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>Differs in each run, so that no cache holds packages of another one.</summary>
    public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The commit that both were packed from.</summary>
    public string Commit { get; private set; } = "";

    public string First => Path.Combine(_folder.FullName, "first", "packages");

    public string Second => Path.Combine(_folder.FullName, "second", "deeper", "packages");

    public async ValueTask InitializeAsync()
    {
        var sources = await Dotnet.RunAsync(Root, new Dictionary<string, string> { ["DOTNET_CLI_UI_LANGUAGE"] = "en" }, "nuget", "list", "source");
        _sources = [.. Source().Matches(sources).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
        Assert.NotEmpty(_sources);

        // The copies have the repository's nuget.config, and the sources from here, since they lie outside of it.
        Configuration().Save(Path.Combine(_folder.FullName, "nuget.config"));
        var commits = await Task.WhenAll(PackAsync(First), PackAsync(Second));
        Commit = Assert.Single(commits.Distinct());
    }

    public ValueTask DisposeAsync()
    {
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.IsReadOnly))
        {
            file.IsReadOnly = false;
        }

        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes an empty folder for a program that has only the packages.</summary>
    /// <returns>The folder, and the environment to build it in.</returns>
    public (string Folder, Dictionary<string, string> Environment) CreateFolder(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "programs", name)).FullName;

        // Ours come from the folder alone, and all others from the machine's sources. The mapping cannot stand in the repository's nuget.config:
        // it names the sources by their keys, and each machine has its own.
        var configuration = Configuration();
        configuration.Root!.Element("packageSources")!.Add(new XElement("add", new XAttribute("key", "packed"), new XAttribute("value", First)));
        configuration.Root.Add(new XElement("packageSourceMapping", [Mapping("packed", "Resilience.Polly*"), .. _sources.Select(source => Mapping(source.Key, "*"))]));
        configuration.Save(Path.Combine(folder, "nuget.config"));

        // What the programs install stays out of the user's cache, and what lies there is not downloaded again.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return (folder, new()
        {
            ["PackedVersion"] = Version,
            ["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "cache"),
            ["RestoreFallbackFolders"] = Directory.Exists(cache) ? cache : "",
        });
    }

    /// <summary>Copies a program of <c>tests/packages</c> into a folder of its own.</summary>
    /// <inheritdoc cref="CreateFolder"/>
    public (string Folder, Dictionary<string, string> Environment) CopyProgram(string program, string? suffix = null)
    {
        var (folder, environment) = CreateFolder(program + suffix);
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "tests", "packages", program)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return (folder, environment);
    }

    private async Task<string> PackAsync(string packages)
    {
        var copy = Path.GetDirectoryName(packages)!;
        var files = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Concat(Inputs);
        foreach (var file in files)
        {
            var target = Path.Combine(copy, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Root, file), target);
        }

        var commit = await CommitAsync(copy);

        // As the release recipe does: from the lock files alone, and without paths of this machine in what is built. The analyzers have run in the build of the solution.
        await Dotnet.RunAsync(copy, new Dictionary<string, string> { ["CI"] = "true" },
            "pack", Path.Combine("src", "Packages.slnx"), "--configuration", "Release", "--output", packages, $"-p:Version={Version}", "-p:RunAnalyzers=false", "-v:quiet");
        return commit;
    }

    /// <summary>Makes a clone of the copy: Source Link asks Git for the commit. Author and date are fixed, so that the same files are the same commit.</summary>
    private static async Task<string> CommitAsync(string copy)
    {
        var environment = new Dictionary<string, string>
        {
            ["GIT_AUTHOR_DATE"] = "2026-01-01T00:00:00Z",
            ["GIT_COMMITTER_DATE"] = "2026-01-01T00:00:00Z",
        };
        string[] settings = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=none"];
        await GitAsync("init", "--quiet");
        await GitAsync("remote", "add", "origin", "https://clones.invalid/of-somebody.git");
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--message", "packed");
        return (await GitAsync("rev-parse", "HEAD")).Trim();

        Task<string> GitAsync(params string[] arguments) => Dotnet.RunProgramAsync("git", copy, environment, [.. settings, .. arguments]);
    }

    private XDocument Configuration() =>
        new(new XElement("configuration", new XElement("packageSources",
            _sources.Select(source => new XElement("add", new XAttribute("key", source.Key), new XAttribute("value", source.Address))))));

    private static XElement Mapping(string key, string pattern) =>
        new("packageSource", new XAttribute("key", key), new XElement("package", new XAttribute("pattern", pattern)));

    [GeneratedRegex(@"^ *\d+\. +(.+) \[Enabled\] *\r?\n +(\S.*?)\r?$", RegexOptions.Multiline)]
    private static partial Regex Source();

    private static string Here([CallerFilePath] string here = "") => here;
}
