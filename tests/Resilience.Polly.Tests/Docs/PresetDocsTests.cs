using System.Globalization;
using System.Reflection;

namespace Resilience.Polly.Tests;

/// <summary>The preset tables of the pages show the presets that there are, with their values.</summary>
public class PresetDocsTests
{
    private static readonly PropertyInfo[] Presets =
    [
        .. new[] { typeof(TimeoutPresets), typeof(RetryPresets), typeof(CircuitBreakerPresets), typeof(BulkheadPresets) }
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Static)),
    ];

    public static TheoryData<string> Names => [.. Presets.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Preset_has_a_row_with_all_that_it_changes(string name)
    {
        var preset = Presets.Single(p => p.Name == name).GetValue(null)!;
        var usual = Activator.CreateInstance(preset.GetType())!;
        var row = Assert.Single(DocsTable.RowsWith("preset"), row => row.Code("preset") == name);

        foreach (var property in preset.GetType().GetProperties().Where(p => p.PropertyType.IsValueType))
        {
            if (row.Cells.ContainsKey(property.Name))
            {
                Assert.Equal(Print(property.GetValue(preset)), row[property.Name]);
            }
            else
            {
                Assert.Equal(property.GetValue(usual), property.GetValue(preset));
            }
        }
    }

    [Fact]
    public void Row_names_a_preset() =>
        Assert.Empty(DocsTable.RowsWith("preset").Select(row => row.Code("preset")).Except(Presets.Select(preset => preset.Name)));

    private static string Print(object? value) => value is TimeSpan duration
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds} s")
        : SettingProperty.Print(value);
}
