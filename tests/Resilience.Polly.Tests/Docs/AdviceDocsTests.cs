using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Resilience.Polly.Tests.AdviceOnSettings;

namespace Resilience.Polly.Tests;

/// <summary>The page on advice lists what can be earned, and the pages give none but good examples.</summary>
public class AdviceDocsTests
{
    private const string Page = "docs/advice.md";

    public static TheoryData<string, int> Examples =>
        [.. DocsPages.Blocks.Where(block => block.IsJson && !block.Is("faulty") && block.Page != Page).Select(block => (block.Page, block.Line))];

    // Each case earns what it says, and every rule has a case: see AdviceRulesTests.
    [Fact]
    public void Rows_are_the_advice_that_can_be_earned() =>
        Assert.Equal(
            AdviceCase.All.Select(c => $"{c.Id} {c.Severity}").Distinct().Order(StringComparer.Ordinal),
            DocsTable.RowsWith("advice").Where(row => row.Page == Page).Select(row => $"{row.Code("advice")} {row["severity"]}").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Configuration_on_a_page_earns_no_warning(string page, int line)
    {
        await using var app = TestPipelines.FromJson(
            Resilience(DocsPages.BlockAt(page, line).Code),
            more => more.AddSharedState(new InMemorySharedState()).Services
                .AddSingleton<IHostEnvironment>(new TestEnvironment(Environments.Development))
                .AddSingleton<ILoadReader, FakeLoad>());
        Assert.DoesNotContain(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice(), advice => advice.Severity > AdviceSeverity.Hint);
    }

    private static string Resilience(string json) =>
        JsonNode.Parse(json, null, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })!["Resilience"]?.ToJsonString() ?? "{}";
}
