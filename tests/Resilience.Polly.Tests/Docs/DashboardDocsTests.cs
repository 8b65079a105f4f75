using System.Reflection;
using System.Xml.Linq;
using Resilience.Polly.AspNetCore;

namespace Resilience.Polly.Tests;

/// <summary>The table of options on the page of the dashboard says what the class says.</summary>
public class DashboardDocsTests
{
    private static readonly PropertyInfo[] Options = [.. typeof(DashboardOptions).GetProperties().Where(property => property.CanWrite)];

    private static readonly DocsRow[] Rows = [.. DocsTable.RowsWith("option").Where(row => row.Page == "docs/dashboard.md")];

    public static TheoryData<string> Names => [.. Options.Select(option => option.Name)];

    [Fact]
    public void Every_option_has_a_row_and_every_row_an_option() =>
        Assert.Equal(Options.Select(option => option.Name).Order(), Rows.Select(row => row.Code("option")).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_on_the_page_is_that_of_a_new_instance(string name) =>
        Assert.Equal(
            SettingProperty.Print(typeof(DashboardOptions).GetProperty(name)!.GetValue(new DashboardOptions())),
            Rows.Single(row => row.Code("option") == name).Code("default"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Xml_documentation_states_the_range_of_the_page(string name)
    {
        var xml = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Resilience.Polly.AspNetCore.xml"));
        var value = xml.Descendants("member").Single(member => (string?)member.Attribute("name") == $"P:{typeof(DashboardOptions).FullName}.{name}").Element("value")!.Value;

        Assert.Contains(Rows.Single(row => row.Code("option") == name)["range"].Split(", or")[0], value, StringComparison.OrdinalIgnoreCase);
    }
}
