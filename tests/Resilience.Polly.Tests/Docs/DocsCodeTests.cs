namespace Resilience.Polly.Tests;

/// <summary>Every C# block of the documentation compiles.</summary>
public class DocsCodeTests
{
    // Every language of a fence, so that a block cannot escape the tests by a spelling such as "cs".
    private static readonly string[] Languages = ["csharp", "json", "jsonc", "text", "sh", "xml", "mermaid", "http", ""];

    // Blocks with this mark use packages of others. Resilience.Polly.Clients.Tests has them, and compiles these blocks.
    private const string Clients = "clients";

    public static TheoryData<string, int> CSharpBlocks =>
        [.. DocsPages.Blocks.Where(block => block.Language == "csharp" && !block.Is(Clients)).Select(block => (block.Page, block.Line))];

    [Theory]
    [MemberData(nameof(CSharpBlocks))]
    public void Block_in_csharp_compiles_after_the_prelude(string page, int line) => Assert.Equal("", DocsScript.ErrorsOf(page, line));

    [Fact]
    public void Marks_of_csharp_blocks_are_known() =>
        Assert.Empty(DocsPages.Blocks.Where(block => block.Language == "csharp" && block.Info is not "csharp" and not $"csharp {Clients}").Select(block => $"{block.Page}({block.Line}): {block.Info}"));

    [Fact]
    public void Block_with_a_mistake_is_noticed()
    {
        var error = Assert.Single(DocsScript.Errors("var fine = order.Id;\nvar wrong = order.Identity;"));

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
}
