using System.ComponentModel;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests;

/// <summary>The settings tables of the pages, the options classes, their XML documentation and the validation say the same.</summary>
public class SettingsDocsTests
{
    private const string Pipeline = "payments";

    private static readonly DocsRow[] Rows = [.. DocsTable.RowsWith("key")];

    public static TheoryData<string> Keys => [.. SettingProperty.All.Select(property => property.Key)];

    public static TheoryData<string> ValueKeys => [.. SettingProperty.All.Where(property => !property.IsBlock).Select(property => property.Key)];

    public static TheoryData<string, string> Bounds => Values(range => [range.Min, range.Max]);

    public static TheoryData<string, string> Beyond => Values(range => [range.BelowMin, range.AboveMax]);

    public static TheoryData<string> ChoiceKeys =>
        [.. SettingProperty.All.Where(property => property.Type.IsEnum || property.Type == typeof(bool)).Select(property => property.Key)];

    [Fact]
    public void Properties_and_rows_are_found()
    {
        Assert.InRange(SettingProperty.All.Count, 32, int.MaxValue);
        Assert.InRange(Rows.Length, 32, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Property_has_a_row_on_its_page(string key) =>
        Assert.Single(Rows, row => row.Page == SettingProperty.Of(key).Page && row.Code("key") == key);

    [Fact]
    public void Row_names_a_property() =>
        Assert.Empty(Rows.Where(row => SettingProperty.All.All(property => property.Key != row.Code("key"))).Select(row => $"{row.Page}({row.Line}): {row["key"]}"));

    [Theory]
    [MemberData(nameof(ValueKeys))]
    public void Default_on_the_page_is_that_of_a_new_instance(string key) =>
        Assert.All(RowsOf(key), row => Assert.Equal(SettingProperty.Print(SettingProperty.Of(key).Default), row.Code("default")));

    [Theory]
    [MemberData(nameof(ValueKeys))]
    public void Null_is_in_the_range_where_the_property_can_be_null(string key) =>
        Assert.All(RowsOf(key), row => Assert.Equal(SettingProperty.Of(key).CanBeNull, row["range"].EndsWith("or `null`", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Bounds))]
    public async Task Bound_of_the_range_on_the_page_is_accepted(string key, string value)
    {
        await using var app = Load(key, value);

        var setting = SettingProperty.Of(key);
        Assert.Equal(TypeDescriptor.GetConverter(setting.Type).ConvertFromInvariantString(value), setting.ValueIn(OptionsIn(app, setting)));
    }

    [Theory]
    [MemberData(nameof(Beyond))]
    public async Task Value_just_beyond_the_range_on_the_page_is_refused(string key, string value)
    {
        await using var app = Load(key, value);

        var refused = Assert.Throws<ResilienceConfigurationException>(() => app.Snapshot);

        Assert.Equal([$"Resilience:{SettingProperty.Of(key).Section}:{Pipeline}:{key} = \"{value}\": out of range, allowed is {RangeOf(key)}"], refused.Failures);
    }

    [Theory]
    [MemberData(nameof(ChoiceKeys))]
    public async Task Choice_on_the_page_is_accepted_and_no_other(string key)
    {
        var setting = SettingProperty.Of(key);
        var choices = RangeOf(key).Split(setting.Type.IsEnum ? ", " : " or ");
        Assert.Equal(setting.Type.IsEnum ? Enum.GetNames(setting.Type) : ["true", "false"], choices);

        foreach (var choice in choices)
        {
            await using var app = Load(key, choice);
            Assert.Equal(choice, SettingProperty.Print(setting.ValueIn(OptionsIn(app, setting))));
        }

        await using var other = Load(key, "Sometimes");
        Assert.EndsWith(RangeOf(key), Assert.Throws<ResilienceConfigurationException>(() => other.Snapshot).Failures.Single());
    }

    [Theory]
    [MemberData(nameof(ValueKeys))]
    public void Xml_documentation_states_the_range_of_the_page(string key) =>
        Assert.Contains(RangeOf(key), XmlDocumentation.Value(SettingProperty.Of(key).Property), StringComparison.OrdinalIgnoreCase);

    private static List<DocsRow> RowsOf(string key)
    {
        var rows = Rows.Where(row => row.Code("key") == key).ToList();
        Assert.NotEmpty(rows);
        return rows;
    }

    /// <summary>The one range that the pages state, wherever they do.</summary>
    private static string RangeOf(string key) => RowsOf(key).Select(row => row.Code("range")).Distinct().Single();

    private static TheoryData<string, string> Values(Func<SettingRange, string[]> of) =>
    [
        .. from property in SettingProperty.All
           where SettingRange.IsFor(property.Type)
           from value in of(SettingRange.Parse(RangeOf(property.Key), property.Type))
           select (property.Key, value),
    ];

    private static TestPipelines Load(string key, string value)
    {
        var pipeline = new JsonObject();
        Set(pipeline, key, value);

        // The two waits are compared with each other, so the other one must leave room.
        switch (key)
        {
            case "Retry:MinWait":
                Set(pipeline, "Retry:MaxWait", SettingRange.Parse(RangeOf("Retry:MaxWait"), typeof(TimeSpan)).Max);
                break;
            case "Retry:MaxWait":
                Set(pipeline, "Retry:MinWait", SettingRange.Parse(RangeOf("Retry:MinWait"), typeof(TimeSpan)).Min);
                break;
            case "Chaos:Enabled": // is refused where nobody says that this is not Production
                Set(pipeline, "Chaos:AllowInProduction", "true");
                break;
        }

        return TestPipelines.FromJson(
            new JsonObject { [SettingProperty.Of(key).Section] = new JsonObject { [Pipeline] = pipeline } }.ToJsonString(),
            builder =>
            {
                builder.Services.AddSingleton<ILoadReader, FakeLoad>();
                builder.AddSharedState(new InMemorySharedState());
            });
    }

    private static object OptionsIn(TestPipelines app, SettingProperty setting) => setting.IsOfQueue
        ? app.Services.GetRequiredService<RequestQueueProvider>().GetQueue(Pipeline).GetSnapshot().Options
        : app.Snapshot.Options;

    private static void Set(JsonObject pipeline, string key, string value)
    {
        var path = key.Split(':');
        var block = path[..^1].Aggregate(pipeline, (outer, name) => (JsonObject)(outer[name] ??= new JsonObject()));
        block[path[^1]] = value;
    }
}
