using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Resilience.Polly.Tests.House;

/// <summary>Every folder stands on a floor and uses only what stands below. The plan is the one of the page for contributors.</summary>
public class FloorTests
{
    private const int LargestCircle = 9;

    private static readonly ConcurrentDictionary<string, Lazy<SourceGraph>> Graphs = new();

    public static TheoryData<string> Packages => ["Resilience.Polly", "Resilience.Polly.Http", "Resilience.Polly.AspNetCore", "Resilience.Polly.Redis"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Folders_refer_only_downwards(string package)
    {
        var (graph, plan) = (Graph(package), Plan(package));
        TestContext.Current.TestOutputHelper?.WriteLine($"{package}, the highest floor first:\n{plan}");
        Assert.True(graph.Errors.Count == 0, string.Join('\n', graph.Errors));
        var upwards = graph.References
            .Where(reference => !plan.Allows(reference.FromFolder, reference.ToFolder))
            .GroupBy(reference => (reference.From, reference.To), (files, references) => $"{files.From} uses {files.To}: {string.Join(", ", references.Select(r => r.What))}");
        Assert.True(!upwards.Any(), string.Join('\n', upwards));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Plan_has_every_folder_and_no_other(string package)
    {
        var folders = Graph(package).Trees.Select(tree => SourceGraph.Reference.Folder(tree.FilePath)).Distinct();
        Assert.Equal(folders.Order(StringComparer.Ordinal), Plan(package).Folders.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Circles_of_files_stay_small(string package)
    {
        var circle = Graph(package).LargestCircle();
        TestContext.Current.TestOutputHelper?.WriteLine($"largest circle: {string.Join(' ', circle)}");
        Assert.True(circle.Count <= LargestCircle, $"{circle.Count} files refer to each other: {string.Join(' ', circle)}");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Internal_types_live_in_the_namespace_of_their_folder_and_public_ones_in_that_of_the_package(string package)
    {
        foreach (var tree in Graph(package).Trees)
        {
            var file = tree.GetCompilationUnitRoot();
            var space = file.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Single();
            if (!space.Name.ToString().StartsWith(package, StringComparison.Ordinal))
            {
                continue; // extension methods live with what they extend
            }

            var isPublic = space.Members.OfType<MemberDeclarationSyntax>().Any(member => member.Modifiers.Any(modifier => modifier.IsKind(SyntaxKind.PublicKeyword)));
            var folder = SourceGraph.Reference.Folder(tree.FilePath).Replace('/', '.');
            Assert.True(space.Name.ToString() == (isPublic ? package : $"{package}.{folder}"), $"{tree.FilePath} is in the namespace {space.Name}.");
        }
    }

    private static SourceGraph Graph(string package) => Graphs.GetOrAdd(package, name => new(() => new(Root(), name))).Value;

    private static FloorPlan Plan(string package) => FloorPlan.Of(File.ReadAllText(Path.Combine(Root(), "docs", "CONTRIBUTING.md")), package);

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
