using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Resilience.Polly.Redis;

namespace Resilience.Polly.Tests;

/// <summary>The table of options on the page about shared state, the class, its XML documentation and the validation say the same.</summary>
public class SharedStateDocsTests
{
    private const string Address = "127.0.0.1:1,abortConnect=false";

    private static readonly PropertyInfo[] Options = [.. typeof(RedisOptions).GetProperties().Where(property => property.CanWrite)];

    private static readonly DocsRow[] Rows = [.. DocsTable.RowsWith("option").Where(row => row.Page == "docs/shared-state.md")];

    public static TheoryData<string> Names => [.. Options.Select(option => option.Name)];

    public static TheoryData<string> Fixed => [.. Options.Select(option => option.Name).Where(name => name != nameof(RedisOptions.InstanceName))];

    public static TheoryData<string> Ranged => [.. Options.Where(option => option.PropertyType == typeof(int) || option.PropertyType == typeof(TimeSpan)).Select(option => option.Name)];

    [Fact]
    public void Every_option_has_a_row_and_every_row_an_option() =>
        Assert.Equal(Options.Select(option => option.Name).Order(), Rows.Select(row => row.Code("option")).Order());

    [Theory]
    [MemberData(nameof(Fixed))]
    public void Default_on_the_page_is_that_of_a_new_instance(string name) =>
        Assert.Equal(SettingProperty.Print(Of(name).GetValue(new RedisOptions())), Row(name).Code("default"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Xml_documentation_states_the_range_of_the_page(string name)
    {
        var owner = Of(name).DeclaringType!;
        var xml = XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{owner.Assembly.GetName().Name}.xml"));
        var value = xml.Descendants("member").Single(member => (string?)member.Attribute("name") == $"P:{owner.FullName}.{name}").Element("value")!.Value;

        Assert.Contains(Row(name)["range"], value, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Ranged))]
    public void Bounds_on_the_page_are_accepted_and_their_neighbours_refused(string name)
    {
        var range = SettingRange.Parse(Row(name)["range"], Of(name).PropertyType);

        Assert.All([range.Min, range.Max], bound => Assert.Null(Fault(name, bound)));
        Assert.All([range.BelowMin, range.AboveMax], beyond => Assert.StartsWith($"{name} = ", Fault(name, beyond), StringComparison.Ordinal));
    }

    private static string? Fault(string name, string text)
    {
        object value = Of(name).PropertyType == typeof(int) ? int.Parse(text, CultureInfo.InvariantCulture) : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(Address, options => Of(name).SetValue(options, value));
        using var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<RedisOptions>>().Value;
            return null;
        }
        catch (OptionsValidationException refused)
        {
            return refused.Failures.Single();
        }
    }

    private static PropertyInfo Of(string name) => typeof(RedisOptions).GetProperty(name)!;

    private static DocsRow Row(string name) => Rows.Single(row => row.Code("option") == name);
}
