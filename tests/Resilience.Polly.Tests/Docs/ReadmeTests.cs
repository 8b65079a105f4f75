namespace Resilience.Polly.Tests;

/// <summary>What the README claims beside other libraries has a page that tells it.</summary>
public class ReadmeTests
{
    private static readonly DocsRow[] Features = [.. DocsTable.RowsWith("feature").Where(row => row.Page == "README.md")];

    [Fact]
    public void Features_that_are_here_link_to_their_page()
    {
        Assert.NotEmpty(Features);
        Assert.All(Features, row => Assert.Matches(@"^(\[yes\]\(docs/[^)]+\)(, both)?|no(, but you can \[add Polly's own\]\(docs/[^)]+\))?)$", row["Resilience.Polly"]));
    }

    [Fact]
    public void Versions_of_packages_that_are_compared_are_those_that_the_repository_uses()
    {
        var versions = File.ReadAllText(Path.Combine(DocsPages.Root, "Directory.Packages.props"));
        var header = Assert.Single(DocsPages.Lines("README.md"), line => line.StartsWith("| feature |", StringComparison.Ordinal));

        foreach (var (package, shown) in new[] { ("Polly.Core", "Polly"), ("Microsoft.Extensions.Http.Resilience", "Microsoft.Extensions.Http.Resilience") })
        {
            var version = System.Text.RegularExpressions.Regex.Match(versions, $"Include=\"{package}\" Version=\"([^\"]+)\"").Groups[1].Value;
            Assert.Contains($"| {shown} {version} |", header, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Default_limits_are_those_of_new_options()
    {
        var defaults = new PipelineOptions();
        var text = File.ReadAllText(Path.Combine(DocsPages.Root, "README.md"));

        Assert.Contains($"runs {defaults.Bulkhead.MaxConcurrency} calls at once", text, StringComparison.Ordinal);
        Assert.Contains($"waits {defaults.Bulkhead.AcquisitionTimeout.TotalSeconds} s for a free slot", text, StringComparison.Ordinal);
        Assert.Contains(
            $"{defaults.Retry.MaxAttempts} attempts, {defaults.Timeout.Connect.TotalSeconds} s to connect, {defaults.Timeout.Read.TotalSeconds} s without data, "
            + $"and a circuit that opens for {defaults.CircuitBreaker.RecoveryTimeout.TotalSeconds} s after {defaults.CircuitBreaker.FailureThreshold} failed calls in a row",
            text, StringComparison.Ordinal);
    }
}
