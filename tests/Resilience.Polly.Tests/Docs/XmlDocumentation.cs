using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Resilience.Polly.Tests;

/// <summary>The XML documentation of the core, as text.</summary>
internal static partial class XmlDocumentation
{
    private static readonly Lazy<Dictionary<string, XElement>> Members = new(() =>
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Resilience.Polly.xml")).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!));

    public static string Summary(PropertyInfo property) => Text(property, "summary");

    public static string Value(PropertyInfo property) => Text(property, "value");

    private static string Text(PropertyInfo property, string element) =>
        Blanks().Replace(Text(Members.Value[$"P:{property.DeclaringType!.FullName}.{property.Name}"].Element(element)), " ").Trim();

    // References are empty elements; their last word is what a reader sees.
    private static string Text(XElement? element) => string.Concat((element?.Nodes() ?? []).Select(node => node switch
    {
        XText text => text.Value,
        XElement { IsEmpty: true } reference => ((string?)reference.Attribute("cref") ?? (string?)reference.Attribute("langword"))!.Split('.', ':')[^1],
        XElement inner => inner.Value,
        _ => "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
