using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;

namespace Resilience.Polly.Tests;

/// <summary>What a package asks its users to install.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resilience-polly-packages-");

    public static TheoryData<string> Projects =>
        [.. Directory.GetFiles(Path.Combine(DocsPages.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Projects))]
    public async Task Package_depends_on_what_its_project_refers_to_and_on_nothing_else(string project)
    {
        var file = Path.Combine(DocsPages.Root, "src", project, $"{project}.csproj");
        await PackAsync(file);

        var expected = References(XDocument.Load(file));
        var packed = Dependencies(Assert.Single(_folder.GetFiles("*.nupkg")).FullName);

        Assert.NotEmpty(expected);
        Assert.Equal(expected.Order(StringComparer.Ordinal), packed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Package_tells_editors_about_its_schema()
    {
        await PackAsync(Path.Combine(DocsPages.Root, "src", "Resilience.Polly", "Resilience.Polly.csproj"));
        ZipFile.ExtractToDirectory(Assert.Single(_folder.GetFiles("*.nupkg")).FullName, _folder.FullName);

        // NuGet imports the targets of a package into each project that has the package, directly or through another one.
        var project = Path.Combine(_folder.FullName, "user.proj");
        await File.WriteAllTextAsync(project, """<Project><Import Project="buildTransitive/Resilience.Polly.targets" /></Project>""");
        using var items = JsonDocument.Parse(await RunAsync("msbuild", project, "-getItem:JsonSchemaSegment", "-nodeReuse:false"));

        var segment = Assert.Single(items.RootElement.GetProperty("Items").GetProperty("JsonSchemaSegment").EnumerateArray());
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(DocsPages.Root, "src", "Resilience.Polly", "resilience.schema.json")),
            await File.ReadAllTextAsync(segment.GetProperty("FullPath").GetString()!));
        var pattern = segment.GetProperty("FilePathPattern").GetString()!;
        Assert.All(["appsettings.json", "appsettings.Development.json"], file => Assert.Matches(pattern, file));
        Assert.DoesNotMatch(pattern, "launchSettings.json");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static List<string> References(XDocument project) =>
    [
        .. project.Descendants("PackageReference").Where(reference => (string?)reference.Attribute("PrivateAssets") != "all").Select(reference => (string)reference.Attribute("Include")!),
        .. project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))),
    ];

    private static List<string> Dependencies(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        using var nuspec = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return [.. XDocument.Load(nuspec).Descendants().Where(element => element.Name.LocalName == "dependency").Select(dependency => (string)dependency.Attribute("id")!)];
    }

    // What was built with the tests is packed, so that this takes seconds and asks no feed.
    private Task<string> PackAsync(string project) => RunAsync(
        "pack", project, "--no-build", "--no-restore", "--configuration", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "--output", _folder.FullName, "-nodeReuse:false");

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
        return await output;
    }
}
