using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Resilience.Polly.Packages.Tests;

/// <summary>What is in the packed packages.</summary>
public partial class PackageContentTests(PackedPackages packages)
{
    private static readonly string Repository =
        XDocument.Load(Path.Combine(PackedPackages.Root, "Directory.Build.props")).Descendants("RepositoryUrl").Single().Value;

    public static TheoryData<string> Names => [.. PackedPackages.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Libraries_and_symbols_packed_in_two_folders_have_the_same_bytes(string name)
    {
        foreach (var (package, file) in new[] { ($"{name}.{packages.Version}.nupkg", $"lib/net10.0/{name}.dll"), ($"{name}.{packages.Version}.snupkg", $"lib/net10.0/{name}.pdb") })
        {
            var first = Read(Path.Combine(packages.First, package), file);
            var second = Read(Path.Combine(packages.Second, package), file);

            Assert.NotEmpty(first);
            Assert.True(first.AsSpan().SequenceEqual(second), $"{file} depends on the folder that it is built in.");
        }
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
        Assert.NotEmpty(nuspec["description"].Value);
    }

    [Theory]
    [InlineData("Resilience.Polly", "Microsoft.Extensions.", "Polly.")]
    [InlineData("Resilience.Polly.Http", "Microsoft.Extensions.Http", "Resilience.Polly")]
    [InlineData("Resilience.Polly.AspNetCore", "Resilience.Polly")]
    public void Dependencies_hold_no_analyzer_and_no_test_package(string name, params string[] prefixes)
    {
        var dependencies = Nuspec(name)["dependencies"].Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!).ToArray();

        Assert.NotEmpty(dependencies);
        Assert.All(dependencies, id => Assert.Contains(prefixes, prefix => id.StartsWith(prefix, StringComparison.Ordinal)));
        Assert.DoesNotContain(dependencies, id => AnalyzerOrTest().IsMatch(id));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Package_holds_the_library_its_documentation_a_readme_and_an_icon_and_nothing_else(string name)
    {
        using var archive = ZipFile.OpenRead(Package(name));
        var files = archive.Entries.Select(entry => entry.FullName)
            .Where(file => !file.StartsWith("_rels/", StringComparison.Ordinal) && !file.StartsWith("package/", StringComparison.Ordinal) && file != "[Content_Types].xml");

        Assert.Equal(
            new[] { "README.md", "icon.png", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", $"{name}.nuspec" }.Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
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
    [InlineData("Resilience.Polly.Http", "TypedClient", "Refit")]
    [InlineData("Resilience.Polly.AspNetCore", "Web")]
    public void Readme_shows_lines_of_programs_that_InstallTests_run(string name, params string[] programs)
    {
        var readme = Encoding.UTF8.GetString(Read(Package(name), "README.md")).ReplaceLineEndings("\n");
        var lines = programs.SelectMany(program => File.ReadAllLines(Path.Combine(PackedPackages.Root, "tests", "packages", program, "Program.cs"))).ToHashSet();
        var shown = Code().Matches(readme).SelectMany(match => match.Groups[1].Value.Split('\n')).ToArray();

        Assert.NotEmpty(shown);
        Assert.All(shown, line => Assert.True(lines.Contains(line) || line == "app.Run();", $"no program that is run has the line: {line}"));
    }

    private string Package(string name) => Path.Combine(packages.First, $"{name}.{packages.Version}.nupkg");

    private Dictionary<string, XElement> Nuspec(string name) =>
        XDocument.Parse(Encoding.UTF8.GetString(Read(Package(name), $"{name}.nuspec")).TrimStart('\uFEFF'))
            .Root!.Elements().Single().Elements().ToDictionary(element => element.Name.LocalName);

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

    [GeneratedRegex("Analyz|CodeAnalysis|xunit|Moq|SourceLink|ILLink|[.]Tests?$", RegexOptions.IgnoreCase)]
    private static partial Regex AnalyzerOrTest();
}
