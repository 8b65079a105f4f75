namespace Resilience.Polly.Tests;

/// <summary>Every C# block of the documentation compiles.</summary>
public class DocsCodeTests
{
    // Every language of a fence, so that a block cannot escape the tests by a spelling such as "cs".
    private static readonly string[] Languages = ["csharp", "json", "jsonc", "text", "sh", "xml", "mermaid", "http", "python", ""];

    // Blocks with this mark use packages of others. Resilience.Polly.Clients.Tests has them, and compiles these blocks.
    private const string Clients = "clients";

    public static TheoryData<string, int> CSharpBlocks =>
        [.. DocsPages.Blocks.Where(block => block.Language == "csharp" && !block.Is(Clients) && !DocsPages.IsFirstCode(block)).Select(block => (block.Page, block.Line))];

    public static TheoryData<string, int> FirstBlocks =>
        [.. DocsPages.Blocks.Where(block => DocsPages.IsFirstCode(block) && !block.Is(Clients)).Select(block => (block.Page, block.Line))];

    [Theory]
    [MemberData(nameof(FirstBlocks))]
    public void First_block_of_a_page_compiles_alone_as_pasted(string page, int line) => Assert.Equal("", DocsProgram.ErrorsOf(page, line));

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

    [Theory]
    [InlineData("var exception = new NotFoundException();", "CS0246")]
    [InlineData("builder.Services.AddResilience();", "CS0103")]
    public void First_block_that_needs_what_it_does_not_show_is_noticed(string code, string error) => Assert.Equal(error, Assert.Single(DocsProgram.Errors(code)).Id);

    [Fact]
    public void Block_that_needs_a_using_that_its_page_does_not_show_is_noticed() =>
        Assert.Equal("CS0103", Assert.Single(DocsScript.Errors("var preset = TimeoutPresets.LowLatency;")).Id);

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
