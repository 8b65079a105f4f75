using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Resilience.Polly.Packages.Tests;

/// <summary>What is in the packed packages.</summary>
public partial class PackageContentTests(PackedPackages packages)
{
    private static readonly string Repository =
        XDocument.Load(Path.Combine(PackedPackages.Root, "Directory.Build.props")).Descendants("RepositoryUrl").Single().Value;

    /// <summary>The kind of information of Source Link in portable symbols.</summary>
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    public static TheoryData<string> Names => [.. PackedPackages.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_packed_in_two_folders_have_the_same_bytes(string name)
    {
        foreach (var package in new[] { $"{name}.{packages.Version}.nupkg", $"{name}.{packages.Version}.snupkg" })
        {
            var first = Path.Combine(packages.First, package);
            var second = Path.Combine(packages.Second, package);
            var files = Files(first);

            Assert.Equal(files, Files(second));
            Assert.Contains(files, file => file == $"lib/net10.0/{name}.dll" || file == $"lib/net10.0/{name}.pdb");
            Assert.All(files, file => Assert.True(Read(first, file).AsSpan().SequenceEqual(Read(second, file)), $"{file} depends on the folder that it is built in."));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Source_Link_of_the_symbols_leads_to_the_commit_in_the_public_repository(string name)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbImage([.. Read(Path.Combine(packages.First, $"{name}.{packages.Version}.snupkg"), $"lib/net10.0/{name}.pdb")]);
        var symbols = provider.GetMetadataReader();
        var link = symbols.GetCustomDebugInformation(EntityHandle.ModuleDefinition).Select(symbols.GetCustomDebugInformation).Single(information => symbols.GetGuid(information.Kind) == SourceLink);
        var raw = Repository.Replace("https://github.com/", "https://raw.githubusercontent.com/", StringComparison.Ordinal);

        Assert.Equal(JsonSerializer.Serialize(new { documents = new Dictionary<string, string> { ["/_/*"] = $"{raw}/{packages.Commit}/*" } }), Encoding.UTF8.GetString(symbols.GetBlobBytes(link.Value)));
        Assert.All(symbols.Documents, document => Assert.StartsWith("/_/src/", symbols.GetString(symbols.GetDocument(document).Name), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nuspec_says_what_a_user_looks_for(string name)
    {
        var nuspec = Nuspec(name);

        Assert.Equal(name, nuspec["id"].Value);
        Assert.Equal("MIT", nuspec["license"].Value);
        Assert.Equal("expression", (string?)nuspec["license"].Attribute("type"));
        Assert.Equal("README.md", nuspec["readme"].Value);
        Assert.Equal("icon.png", nuspec["icon"].Value);
        Assert.Equal(Repository, nuspec["projectUrl"].Value);
        Assert.Equal(Repository, (string?)nuspec["repository"].Attribute("url"));
        Assert.Equal(packages.Commit, (string?)nuspec["repository"].Attribute("commit"));
        Assert.NotEmpty(nuspec["description"].Value);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dependencies_are_the_packages_that_the_library_uses_and_the_table_of_the_readme_has_them(string name)
    {
        var dependencies = Dependencies(name);
        using var library = new PEReader([.. Read(Package(name), $"lib/net10.0/{name}.dll")]);
        var metadata = library.GetMetadataReader();
        var used = metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name)).ToHashSet();

        Assert.NotEmpty(dependencies);
        Assert.All(dependencies, id => Assert.Contains(id, used));
        Assert.Equal(dependencies, InTable(name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Package_depends_on_what_its_project_refers_to_and_on_nothing_else(string name)
    {
        var project = XDocument.Load(Path.Combine(PackedPackages.Root, "src", name, $"{name}.csproj"));
        var expected = project.Descendants("PackageReference").Where(reference => (string?)reference.Attribute("PrivateAssets") != "all").Select(reference => (string)reference.Attribute("Include")!)
            .Concat(project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))))
            .Order(StringComparer.Ordinal).ToArray();

        Assert.NotEmpty(expected);
        Assert.Equal(expected, Dependencies(name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Driver_of_Redis_comes_with_one_package_and_no_other_leads_to_it(string name) =>
        Assert.Equal(
            name == "Resilience.Polly.Redis",
            File.ReadAllText(Path.Combine(PackedPackages.Root, "src", name, "packages.lock.json")).Contains("Redis", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public async Task Package_tells_editors_about_its_schema()
    {
        var (folder, environment) = packages.CreateFolder("Schema");
        ZipFile.ExtractToDirectory(Package("Resilience.Polly"), folder);

        // NuGet imports the targets of a package into each project that has the package, directly or through another one.
        var project = Path.Combine(folder, "user.proj");
        await File.WriteAllTextAsync(project, """<Project><Import Project="buildTransitive/Resilience.Polly.targets" /></Project>""", TestContext.Current.CancellationToken);
        using var items = JsonDocument.Parse(await Dotnet.RunAsync(folder, environment, "msbuild", project, "-getItem:JsonSchemaSegment"));

        var segment = Assert.Single(items.RootElement.GetProperty("Items").GetProperty("JsonSchemaSegment").EnumerateArray());
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(PackedPackages.Root, "src", "Resilience.Polly", "resilience.schema.json"), TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(segment.GetProperty("FullPath").GetString()!, TestContext.Current.CancellationToken));
        var pattern = segment.GetProperty("FilePathPattern").GetString()!;
        Assert.All(["appsettings.json", "appsettings.Development.json"], file => Assert.Matches(pattern, file));
        Assert.DoesNotMatch(pattern, "launchSettings.json");
    }

    [Fact]
    public void Package_of_ASP_NET_Core_takes_the_framework_as_a_whole() =>
        Assert.Equal("Microsoft.AspNetCore.App", (string?)Nuspec("Resilience.Polly.AspNetCore")["frameworkReferences"].Descendants().Single(element => element.Name.LocalName == "frameworkReference").Attribute("name"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Package_holds_the_library_its_documentation_a_readme_and_an_icon_and_nothing_else(string name)
    {
        string[] forEditors = name == "Resilience.Polly" ? ["resilience.schema.json", "buildTransitive/Resilience.Polly.targets"] : [];
        Assert.Equal(
            new[] { "README.md", "icon.png", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", $"{name}.nuspec" }.Concat(forEditors).Order(StringComparer.Ordinal),
            Files(Package(name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Readme_has_only_absolute_links_and_those_into_the_repository_lead_to_files(string name)
    {
        var readme = Encoding.UTF8.GetString(Read(Package(name), "README.md"));
        var links = Link().Matches(readme).Select(match => match.Groups[1].Value).ToArray();

        Assert.DoesNotContain("{repository}", readme, StringComparison.Ordinal);
        Assert.NotEmpty(links);
        Assert.All(links, link =>
        {
            Assert.StartsWith($"{Repository}/blob/main/", link, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(PackedPackages.Root, link[$"{Repository}/blob/main/".Length..])), $"{link} leads to no file.");
        });
    }

    [Theory]
    [InlineData("Resilience.Polly", "Console")]
    [InlineData("Resilience.Polly.Http", "TypedClient", "RefitClient")]
    [InlineData("Resilience.Polly.AspNetCore", "Web")]
    [InlineData("Resilience.Polly.Redis", "Redis")]
    public void Readme_shows_lines_of_programs_that_InstallTests_run(string name, params string[] programs)
    {
        var readme = Encoding.UTF8.GetString(Read(Package(name), "README.md")).ReplaceLineEndings("\n");
        var lines = programs.SelectMany(program => File.ReadAllLines(Path.Combine(PackedPackages.Root, "tests", "packages", program, "Program.cs"))).ToHashSet();
        var shown = Code().Matches(readme).SelectMany(match => match.Groups[1].Value.Split('\n')).ToArray();

        Assert.NotEmpty(shown);
        Assert.All(shown, line => Assert.True(lines.Contains(line) || line == "app.Run();", $"no program that is run has the line: {line}"));
    }

    private string Package(string name) => Path.Combine(packages.First, $"{name}.{packages.Version}.nupkg");

    private string[] Dependencies(string name) =>
        [.. Nuspec(name)["dependencies"].Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!).Order(StringComparer.Ordinal)];

    private Dictionary<string, XElement> Nuspec(string name) =>
        XDocument.Parse(Encoding.UTF8.GetString(Read(Package(name), $"{name}.nuspec")).TrimStart('\uFEFF'))
            .Root!.Elements().Single().Elements().ToDictionary(element => element.Name.LocalName);

    /// <summary>The dependencies that the README's table of packages names. <c>Polly.{Core, Testing}</c> is short for two of them.</summary>
    private static IEnumerable<string> InTable(string name)
    {
        var row = File.ReadAllLines(Path.Combine(PackedPackages.Root, "README.md")).Single(line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal));
        return Named().Matches(row.Split('|')[3]).SelectMany(match => match.Groups["last"].Success
            ? match.Groups["last"].Value.Split(", ").Select(last => match.Groups["first"].Value + last)
            : [match.Groups["first"].Value]);
    }

    /// <summary>What a package holds, without what every package has and what differs each time it is packed.</summary>
    private static string[] Files(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        return
        [
            .. archive.Entries.Select(entry => entry.FullName)
                .Where(file => !file.StartsWith("_rels/", StringComparison.Ordinal) && !file.StartsWith("package/", StringComparison.Ordinal) && file != "[Content_Types].xml")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static byte[] Read(string package, string file)
    {
        using var archive = ZipFile.OpenRead(package);
        using var stream = archive.GetEntry(file)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"`(?<first>[\w.]+)(\{(?<last>[^}]+)\})?`")]
    private static partial Regex Named();
}
