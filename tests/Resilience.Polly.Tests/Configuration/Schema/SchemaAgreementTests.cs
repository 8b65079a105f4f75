using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>An editor that checks by the schema says what the host will say at start.</summary>
public class SchemaAgreementTests
{
    private const int Files = 10_000;
    private const int Texts = 4_000;

    [Fact]
    public void Schema_and_loader_agree_on_generated_files()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var good = 0;
        var met = new HashSet<OnlyTheLoader>();
        for (var i = 0; i < Files; i++)
        {
            var json = new GeneratedSettings(random, faultAt: i % 2 == 0 ? -1 : random.Next(40)).File().ToJsonString();
            var faults = Load(json).ToList();
            met.UnionWith(SchemaDifferences.Inexpressible.Where(known => known.IsGenerated && faults.RemoveAll(known.Is) > 0));
            var isGood = SchemaFile.Accepts(json);

            good += isGood ? 1 : 0;
            Assert.True(isGood == (faults.Count == 0), $"seed {seed}, file {i}: the schema {(isGood ? "accepts" : "refuses")} it, the loader says [{string.Join("; ", faults)}]: {json}");
            Assert.True(isGood || i % 2 == 1, $"seed {seed}, file {i} was to be good: {json}");
        }

        Assert.InRange(good, Files * 0.5, Files * 0.8);
        Assert.Equal(SchemaDifferences.Inexpressible.Where(known => known.IsGenerated), SchemaDifferences.Inexpressible.Where(met.Contains));
    }

    [Theory]
    [InlineData("Timeout:Read", "00:00:00.0010000", "1.00:00:00")]
    [InlineData("Timeout:Pool", "00:00:00", "1.00:00:00")]
    [InlineData("CircuitBreaker:RecoveryTimeout", "00:00:00.0100000", "1.00:00:00")]
    [InlineData("Bulkhead:Adaptive:Interval", "00:00:00.1000000", "01:00:00")]
    [InlineData("Retry:Budget:Window", "00:00:01", "01:00:00")]
    public void Pattern_and_loader_agree_on_generated_durations(string key, string min, string max)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var generated = new GeneratedSettings(random, faultAt: -1);
        var texts = Enumerable.Range(0, Texts).Select(i => (i % 4) switch
        {
            0 => generated.AnyText(),
            1 => generated.Write(TimeSpan.FromTicks((long)Math.Pow(10, random.NextDouble() * 13) - 1)), // below a millisecond as often as around a day
            2 => generated.Write(Near(min)),
            _ => generated.Write(Near(max)),
        }).ToArray();
        var pattern = new Regex(DurationPattern.Of(min, max), RegexOptions.ECMAScript);

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(texts.Select((text, i) => KeyValuePair.Create($"Resilience:Pipelines:p{i}:{key}", (string?)text))).Build();
        var refused = LoaderTable.FaultsOf(configuration).Select(fault => fault.Split(':')[2]).ToHashSet();

        Assert.InRange(refused.Count, Texts / 10, Texts * 9 / 10);
        Assert.All(texts.Index(), text => Assert.True(pattern.IsMatch(text.Item) != refused.Contains($"p{text.Index}"), $"seed {seed}: {text.Item}"));

        TimeSpan Near(string bound) => TimeSpan.ParseExact(bound, "c", CultureInfo.InvariantCulture) + TimeSpan.FromTicks(random.Next(3) - 1);
    }

    [Fact]
    public void Listed_fault_is_found_by_the_loader_only() => Assert.All(SchemaDifferences.Inexpressible, known =>
    {
        var json = $$"""{ "Resilience": {{known.Example}} }""";
        Assert.True(known.Is(Assert.Single(Load(json))), known.What);
        Assert.True(SchemaFile.Accepts(json), known.What);
    });

    [Fact]
    public void Listed_strictness_is_that_of_the_schema_only() => Assert.All(SchemaDifferences.Stricter, known =>
    {
        var json = $$"""{ "Resilience": {{known.Example}} }""";
        Assert.Empty(Load(json));
        Assert.False(SchemaFile.Accepts(json), known.What);
    });

    [Fact]
    public void Schema_and_loader_agree_on_the_configurations_of_the_pages()
    {
        var blocks = DocsPages.Blocks.Where(block => block.IsJson && block.Code.Contains("\"Resilience\"", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.True(SchemaFile.Accepts(block.Code) == Load(block.Code).All(IsInexpressible), $"{block.Page}({block.Line})"));
    }

    [Fact]
    public async Task Schema_named_in_the_file_is_no_setting()
    {
        var file = $$"""{ "$schema": "{{SchemaFile.Path.Replace('\\', '/')}}", "Resilience": { "Pipelines": { "payments": { "Retry": { "MaxAttempts": 7 } } } } }""";
        var application = Host.CreateEmptyApplicationBuilder(null);
        application.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(file)));
        application.Services.AddResilience(application.Configuration.GetSection("Resilience"));
        using var host = application.Build();

        await host.StartAsync();

        Assert.Equal(7, host.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("payments").Options.Retry.MaxAttempts);
        Assert.True(SchemaFile.Accepts(file));
    }

    [Fact]
    public void Value_twice_is_found_by_the_loader_only()
    {
        const string json = """{ "Resilience": { "Pipelines": { "a": { "MapExceptions": true }, "A": { "MapExceptions": true } } } }""";

        Assert.True(SchemaFile.Accepts(json));
        Assert.Throws<FormatException>(() => Load(json));
    }

    [Fact]
    public void Page_lists_the_differences()
    {
        Assert.Equal(
            [.. SchemaDifferences.Inexpressible.Select(known => known.What).Distinct(), SchemaDifferences.ValueTwice],
            DocsTable.RowsWith("found at start only").Select(row => row["found at start only"]));
        Assert.Equal(
            SchemaDifferences.Stricter.Select(known => known.What).Distinct(),
            DocsTable.RowsWith("marked by the editor, and taken at start").Select(row => row["marked by the editor, and taken at start"]));
    }

    private static bool IsInexpressible(string fault) => SchemaDifferences.Inexpressible.Any(known => known.Is(fault));

    private static IReadOnlyList<string> Load(string json) =>
        LoaderTable.FaultsOf(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build());
}
