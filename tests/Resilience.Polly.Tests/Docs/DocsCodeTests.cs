using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Resilience.Polly.Tests;

/// <summary>Every C# block of the documentation compiles.</summary>
public class DocsCodeTests
{
    // Every language of a fence, so that a block cannot escape the tests by a spelling such as "cs".
    private static readonly string[] Languages = ["csharp", "json", "jsonc", "text", "sh", "xml", "mermaid", "http", ""];

    private static readonly Lazy<Script<object>> Prelude = new(() =>
    {
        var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithReferences(assemblies.Select(path => MetadataReference.CreateFromFile(path)))
            .WithImports("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks");
        return CSharpScript.Create(File.ReadAllText(Path.Combine(DocsPages.Root, "tests/Resilience.Polly.Tests/Docs/Prelude.csx")), options);
    });

    public static TheoryData<string, int> CSharpBlocks =>
        [.. DocsPages.Blocks.Where(block => block.Language == "csharp").Select(block => (block.Page, block.Line))];

    [Theory]
    [MemberData(nameof(CSharpBlocks))]
    public void Block_in_csharp_compiles_after_the_prelude(string page, int line)
    {
        var errors = Errors(DocsPages.BlockAt(page, line).Code)
            .Select(error => $"{page}({line + 1 + error.Location.GetLineSpan().StartLinePosition.Line}): {error.Id} {error.GetMessage(null)}");

        Assert.True(!errors.Any(), string.Join('\n', errors));
    }

    [Fact]
    public void Block_with_a_mistake_is_noticed()
    {
        var error = Assert.Single(Errors("var fine = order.Id;\nvar wrong = order.Identity;"));

        Assert.Equal("CS1061", error.Id);
        Assert.Equal(1, error.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Fact]
    public void Blocks_are_found_on_the_pages()
    {
        Assert.InRange(DocsPages.Blocks.Count(block => block.Language == "csharp"), 15, int.MaxValue);
        Assert.InRange(DocsPages.Blocks.Count(block => block.IsJson), 7, int.MaxValue);
    }

    [Fact]
    public void Fences_name_a_language_that_the_tests_know() =>
        Assert.Empty(DocsPages.Blocks.Where(block => !Languages.Contains(block.Language)).Select(block => $"{block.Page}({block.Line}): {block.Info}"));

    [Fact]
    public void Blocks_of_text_hold_no_code() =>
        Assert.Empty(DocsPages.Blocks
            .Where(block => block.Language is "text" or "" && block.Code.Split('\n').Any(line => line.TrimEnd().EndsWith(';')))
            .Select(block => $"{block.Page}({block.Line}): name the language"));

    private static IEnumerable<Diagnostic> Errors(string code) =>
        Prelude.Value.ContinueWith(code).GetCompilation().GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
}
