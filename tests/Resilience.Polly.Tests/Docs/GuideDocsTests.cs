using System.Text.RegularExpressions;

namespace Resilience.Polly.Tests;

/// <summary>The pages of docs/guide are run: their first programs here, their other code in the tests of the folders Guide, their flows by the sample Patterns.</summary>
[Collection(nameof(PageClaimsTests))] // both catch what is written to the console
public sealed partial class GuideDocsTests
{
    private const string Folder = "docs/guide/";

    private static readonly DocsBlock[] Blocks = [.. DocsPages.Blocks.Where(block => block.Page.StartsWith(Folder, StringComparison.Ordinal))];

    private static readonly string[] Sources =
    [
        .. new[] { "Resilience.Polly.Tests", "Resilience.Polly.Http.Tests" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(DocsPages.Root, "tests", project, "Guide"), "*.cs"))
            .Select(file => Code(File.ReadAllText(file))),
    ];

    public static TheoryData<string> Chapters => [.. DocsPages.Names.Where(page => page.StartsWith(Folder, StringComparison.Ordinal) && page != $"{Folder}README.md")];

    // The program of the page on settings needs a file beside it: GuideSettingsTests loads that.
    public static TheoryData<string> ChaptersWithProgram => [.. Chapters.Select(chapter => chapter.Data).Where(page => page != $"{Folder}settings.md")];

    public static TheoryData<string, int> Programs => At(IsProgram);

    public static TheoryData<string, int> Parts => At(block => block.Language == "csharp" && !DocsPages.IsFirstCode(block));

    public static TheoryData<string, int> Flows => At(block => block.Info.StartsWith("text patterns", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Programs))]
    public void Program_prints_what_stands_below_it(string page, int line) =>
        Assert.Equal(Below(page, line).Code, PageClaimsTests.Printed(DocsPages.BlockAt(page, line).Code).ReplaceLineEndings("\n").TrimEnd());

    [Theory]
    [MemberData(nameof(Parts))]
    public void Code_is_that_of_a_test_of_the_guide(string page, int line) =>
        Assert.True(
            Sources.Any(source => source.Contains(Code(DocsPages.BlockAt(page, line).Code), StringComparison.Ordinal)),
            $"{page}({line}): no file of the folders Guide has these lines one after the other. A change of the page goes into the test too.");

    [Theory]
    [MemberData(nameof(Flows))]
    public async Task Flow_is_what_the_sample_prints(string page, int line)
    {
        var block = DocsPages.BlockAt(page, line);
        Assert.Equal((0, block.Code), await SampleProcess.RunAsync("Patterns", block.Info.Split(' ')[2..]));
    }

    [Theory]
    [InlineData("4 Bulkhead:MaxConcurrency=0", "out of range, allowed is 1 to 100000")]
    [InlineData("4 Bulkhead", "Usage")]
    [InlineData("5", "Usage")]
    public async Task Sample_with_a_wrong_argument_says_so(string arguments, string says)
    {
        var (exitCode, printed) = await SampleProcess.RunAsync("Patterns", arguments.Split(' '));
        Assert.Equal(1, exitCode);
        Assert.Contains(says, printed, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ChaptersWithProgram))]
    public void Chapter_begins_with_a_program_that_is_run(string page) =>
        Assert.True(IsProgram(Blocks.First(block => block.Page == page && block.Language == "csharp")), $"{page}: what the first program prints is missing.");

    [Theory]
    [MemberData(nameof(Chapters))]
    public void Chapter_says_where_it_differs(string page) =>
        Assert.Contains(DocsPages.Lines(page), line => line.StartsWith("> **Here it differs, and why.**", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Chapters))]
    public void Python_has_its_csharp_below_it(string page)
    {
        var ofPage = Blocks.Where(block => block.Page == page).ToList();
        Assert.All(
            ofPage.Index().Where(one => one.Item.Language == "python"),
            one => Assert.True(one.Index + 1 < ofPage.Count && ofPage[one.Index + 1].Language == "csharp", $"{page}({one.Item.Line}): no C# follows this Python."));
    }

    [Fact]
    public void Blocks_of_each_kind_are_found()
    {
        Assert.NotEmpty(Programs);
        Assert.NotEmpty(Parts);
        Assert.NotEmpty(Flows);
    }

    private static bool IsProgram(DocsBlock block) => DocsPages.IsFirstCode(block) && Below(block.Page, block.Line) is { Info: "text prints" };

    private static DocsBlock? Find(string page, int line) => Blocks.FirstOrDefault(block => block.Page == page && block.Line > line);

    private static DocsBlock Below(string page, int line) => Find(page, line) ?? new(page, line, "", "");

    // The lines without their indentation, without those that are empty, and without XML documentation and using directives.
    private static string Code(string text) => string.Concat(text.Split('\n')
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && !line.StartsWith("///", StringComparison.Ordinal) && !UsingDirective().IsMatch(line))
        .Select(line => $"{line}\n"));

    private static TheoryData<string, int> At(Func<DocsBlock, bool> which) => [.. Blocks.Where(which).Select(block => (block.Page, block.Line))];

    [GeneratedRegex(@"^using [\w.]+;$")]
    private static partial Regex UsingDirective();
}
