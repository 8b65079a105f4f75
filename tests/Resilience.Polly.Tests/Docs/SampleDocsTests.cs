namespace Resilience.Polly.Tests;

/// <summary>The small samples print what the pages say.</summary>
public class SampleDocsTests
{
    private const string Mark = "text sample ";

    public static TheoryData<string, int> Printed =>
        [.. DocsPages.Blocks.Where(block => block.Info.StartsWith(Mark, StringComparison.Ordinal)).Select(block => (block.Page, block.Line))];

    [Theory]
    [MemberData(nameof(Printed))]
    public async Task Sample_prints_what_stands_on_the_page(string page, int line)
    {
        var block = DocsPages.BlockAt(page, line);
        Assert.Equal((0, block.Code), await SampleProcess.RunAsync(block.Info[Mark.Length..]));
    }

    [Fact]
    public void Small_samples_are_on_a_page() =>
        Assert.Equal(["Degradation", "Delegates", "Queue"], DocsPages.Blocks.Where(block => block.Info.StartsWith(Mark, StringComparison.Ordinal)).Select(block => block.Info[Mark.Length..]).Order());
}
