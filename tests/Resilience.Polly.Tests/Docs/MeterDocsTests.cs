using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests;

/// <summary>What the page on monitoring and the dashboard for Grafana say of the meter is what the meter measures.</summary>
public sealed partial class MeterDocsTests
{
    private const string Grafana = "docs/grafana/resilience.json";

    private static readonly string[] OfPrometheus = ["le", "job", "instance"];

    [Fact]
    public async Task Instruments_of_the_page_are_those_of_the_meter_with_unit_and_tags()
    {
        var (instruments, measured) = await MeasureAsync();

        var rows = DocsTable.RowsWith("instrument").Where(row => row.Page == "docs/monitoring.md").ToDictionary(row => row.Code("instrument"));

        Assert.Equal(instruments.Keys.Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(instruments.Values, instrument =>
        {
            var row = rows[instrument.Name];
            Assert.Equal(row["kind"], KindOf(instrument));
            var name = instrument.Name.StartsWith("resilience.queue.", StringComparison.Ordinal) ? "queue.name" : "pipeline.name";
            Assert.Contains(name, TagsOf(measured, instrument.Name));
            Assert.Equal(row["further tags"].Trim('`'), string.Join(", ", TagsOf(measured, instrument.Name).Where(tag => tag != name)));
        });

        // Every value of a tag that has few is named.
        Assert.All(
            measured.SelectMany(one => one.Tags.Where(tag => tag.Key is not ("pipeline.name" or "queue.name")).Select(tag => (one.Instrument, tag.Value))).Distinct(),
            value => Assert.Contains($"`{value.Value}`", rows[value.Instrument]["meaning"] + rows["resilience.calls"]["meaning"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Grafana_asks_for_metrics_and_labels_that_exist_and_for_all_of_them()
    {
        var (instruments, measured) = await MeasureAsync();
        var labels = instruments.Values.ToDictionary(
            ForPrometheus,
            instrument => TagsOf(measured, instrument.Name).Select(tag => tag.Replace('.', '_')).Concat(OfPrometheus).ToHashSet());
        var values = measured.SelectMany(one => one.Tags.Values).ToHashSet();
        var queries = Queries().ToArray();

        Assert.True(queries.Length > 15, $"{queries.Length} queries were found.");
        Assert.All(queries, query =>
        {
            string[] metrics = [.. Metric().Matches(query).Select(match => match.Value)];
            Assert.NotEmpty(metrics);
            Assert.All(metrics, metric => Assert.Contains(metric, labels.Keys));
            Assert.All(
                Label().Matches(query).SelectMany(match => match.Groups["name"].Captures).Select(label => label.Value),
                label => Assert.All(metrics, metric => Assert.Contains(label, labels[metric])));
            Assert.All(
                Value().Matches(query).SelectMany(match => match.Groups["value"].Value.Split('|')).Where(value => !value.StartsWith('$')),
                value => Assert.Contains(value, values));
        });
        Assert.All(labels.Keys, metric => Assert.Contains(queries, query => query.Contains(metric, StringComparison.Ordinal)));
    }

    private static async Task<(IReadOnlyDictionary<string, Instrument> Instruments, IReadOnlyList<Measured> Measured)> MeasureAsync()
    {
        await using var app = new TestPipelines(services => services.AddResilience()
            .AddPipeline(TestPipelines.Name, o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (1, 1))
            .AddRequestQueue("reports"));
        using var meter = new MeterReader(app.Services);
        app.Services.GetRequiredService<RequestQueueProvider>().GetQueue("reports");
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        app.Control.Isolate(TestPipelines.Name);
        app.Control.Reset(TestPipelines.Name);
        return (meter.Instruments, meter.Collect());
    }

    private static string[] TagsOf(IReadOnlyList<Measured> measured, string instrument) =>
        [.. measured.Where(one => one.Instrument == instrument).SelectMany(one => one.Tags.Keys).Distinct().Order(StringComparer.Ordinal)];

    private static string KindOf(Instrument instrument) =>
        instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal).ToLowerInvariant();

    // The names that OpenTelemetry's rules for Prometheus give to instruments.
    private static string ForPrometheus(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return KindOf(instrument) switch
        {
            "counter" => $"{name}_total",
            "histogram" => $"{name}_bucket",
            _ => instrument.Unit == "1" ? $"{name}_ratio" : name,
        };
    }

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(DocsPages.Root, Grafana)));
        return [.. Strings(dashboard.RootElement).Where(text => Metric().IsMatch(text)).Distinct()];
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Where(member => member.Name != "uid").SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    [GeneratedRegex(@"\bresilience_\w+")]
    private static partial Regex Metric();

    // What stands before a comparison, in "by (...)", and last in "label_values(...)".
    [GeneratedRegex("""\b(?<name>\w+)(?==~?")|by \((?:(?<name>\w+)(?:, )?)+\)|label_values\(.*, (?<name>\w+)\)""")]
    private static partial Regex Label();

    [GeneratedRegex("""\b(?!pipeline_name|job)\w+=~?"(?<value>[^"]*)""")]
    private static partial Regex Value();
}
