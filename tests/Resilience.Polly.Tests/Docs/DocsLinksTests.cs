using System.Text.RegularExpressions;

namespace Resilience.Polly.Tests;

/// <summary>Links between the pages lead somewhere.</summary>
public partial class DocsLinksTests
{
    public static TheoryData<string> Pages => [.. DocsPages.Names];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Link_on_the_page_leads_to_a_file_and_a_heading(string page) =>
        Assert.All(
            Prose(page).SelectMany(line => Link().Matches(line)).Select(link => link.Groups["target"].Value),
            target => Assert.True(LeadsSomewhere(page, target), target));

    [Theory]
    [InlineData("docs/retries.md", "failures.md", true)]
    [InlineData("docs/retries.md", "failures.md#what-becomes-what", true)]
    [InlineData("docs/retries.md", "#budget", true)]
    [InlineData("docs/retries.md", "failure.md", false)]
    [InlineData("docs/retries.md", "failures.md#what-becomes", false)]
    public void LeadsSomewhere_tells_good_links_from_dead_ones(string page, string target, bool expected) =>
        Assert.Equal(expected, LeadsSomewhere(page, target));

    private static bool LeadsSomewhere(string page, string target)
    {
        var (path, anchor) = target.Split('#') is [var file, var heading] ? (file, heading) : (target, null);
        var full = path.Length == 0 ? Path.Combine(DocsPages.Root, page) : Path.Combine(DocsPages.Root, Path.GetDirectoryName(page)!, path);
        var linked = Path.GetRelativePath(DocsPages.Root, full).Replace('\\', '/');
        return anchor is null ? Path.Exists(full) : DocsPages.Names.Contains(linked) && Prose(linked).Any(line => Anchor(line) == anchor);
    }

    // As GitHub makes them.
    private static string? Anchor(string line) => line.StartsWith('#')
        ? NotInAnchors().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')
        : null;

    private static IEnumerable<string> Prose(string page)
    {
        var code = DocsPages.Blocks.Where(block => block.Page == page).ToList();
        return DocsPages.Lines(page).Where((_, index) => !code.Any(block => block.Covers(index + 1)));
    }

    [GeneratedRegex(@"\]\((?!https?://)(?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
