using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>An editor that checks by the schema says what the host will say at start.</summary>
public class SchemaAgreementTests
{
    private const int Files = 10_000;

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
        var texts = Enumerable.Range(0, Files).Select(i => (i % 4) switch
        {
            0 => generated.AnyText(),
            1 => generated.Write(TimeSpan.FromTicks((long)Math.Pow(10, random.NextDouble() * 13) - 1)), // below a millisecond as often as around a day
            2 => generated.Write(Near(min)),
            _ => generated.Write(Near(max)),
        }).ToArray();
        var pattern = new Regex(DurationPattern.Of(min, max), RegexOptions.ECMAScript);

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(texts.Select((text, i) => KeyValuePair.Create($"Resilience:Pipelines:p{i}:{key}", (string?)text))).Build();
        var refused = LoaderTable.FaultsOf(configuration).Select(fault => fault.Split(':')[2]).ToHashSet();

        Assert.InRange(refused.Count, Files / 10, Files * 9 / 10);
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
    public void Value_twice_is_found_by_the_loader_only()
    {
        const string json = """{ "Resilience": { "Pipelines": { "a": { "MapExceptions": true }, "A": { "MapExceptions": true } } } }""";

        Assert.True(SchemaFile.Accepts(json));
        Assert.Throws<FormatException>(() => Load(json));
    }

    private static IReadOnlyList<string> Load(string json) =>
        LoaderTable.FaultsOf(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build());
}
