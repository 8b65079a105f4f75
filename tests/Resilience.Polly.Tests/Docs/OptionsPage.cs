using System.Reflection;
using System.Xml.Linq;

namespace Resilience.Polly.Tests;

/// <summary>The table of options on a page, compared with the class of the options and its XML documentation.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
/// <param name="page">The page.</param>
internal sealed class OptionsPage<TOptions>(string page)
    where TOptions : new()
{
    private readonly DocsRow[] _rows = [.. DocsTable.RowsWith("option").Where(row => row.Page == page)];

    public static PropertyInfo[] Options { get; } = [.. typeof(TOptions).GetProperties().Where(property => property.CanWrite)];

    public static TheoryData<string> Names => [.. Options.Select(option => option.Name)];

    public static PropertyInfo Of(string name) => typeof(TOptions).GetProperty(name)!;

    public DocsRow Row(string name) => _rows.Single(row => row.Code("option") == name);

    public void HasEveryOptionAndNoOther() => Assert.Equal(Options.Select(option => option.Name).Order(), _rows.Select(row => row.Code("option")).Order());

    public void HasTheDefaultOf(string name) => Assert.Equal(SettingProperty.Print(Of(name).GetValue(new TOptions())), Row(name).Code("default"));

    public void HasTheRangeOf(string name)
    {
        var owner = Of(name).DeclaringType!;
        var xml = XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{owner.Assembly.GetName().Name}.xml"));
        var value = xml.Descendants("member").Single(member => (string?)member.Attribute("name") == $"P:{owner.FullName}.{name}").Element("value")!.Value;

        Assert.Contains(Row(name)["range"].Split(", or")[0], value, StringComparison.OrdinalIgnoreCase);
    }
}
