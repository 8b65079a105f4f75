using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>
/// Writes <c>resilience.schema.json</c>: keys, ranges and presets as the loader has them, kinds and defaults of the options classes, descriptions of their
/// XML documentation. Draft 7, which editors know.
/// </summary>
internal static class SettingsSchema
{
    // Editors merge the schemas of all packages into one, so each definition carries a prefix.
    private const string Prefix = "resilience";

    // A colon in a key is a level of its own, and a name is not blank.
    private const string Name = @"^(?=.*\S)[^:]+$";

    // A template has a * at its end.
    private const string PipelineName = @"^(?=.*\S)[^:*]*\*?$";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        var definitions = new JsonObject();
        var pipeline = Block(LoaderTable.Pipeline, "A pipeline: the limits of one dependency. What is left out has the value of BasedOn, or else of Defaults.", definitions);
        var defaults = Block(LoaderTable.Pipeline.Where(key => key.Name != nameof(PipelineOptions.BasedOn)), "What every pipeline starts from.", definitions);
        definitions[Prefix + "Pipeline"] = pipeline;
        definitions[Prefix + "Queue"] = Block(LoaderTable.Queue, "A request queue. What is left out has its default.", definitions, isOfQueue: true);
        return new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["Resilience"] = new JsonObject
                {
                    ["type"] = "object",
                    ["description"] = "The settings of Resilience.Polly.",
                    ["properties"] = new JsonObject { ["Defaults"] = defaults, ["Pipelines"] = Named("Pipeline", "Pipelines, by name."), ["Queues"] = Named("Queue", "Request queues, by name.") },
                    ["additionalProperties"] = false,
                },
            },
            ["definitions"] = new JsonObject(definitions.OrderBy(definition => definition.Key, StringComparer.Ordinal).Select(definition => KeyValuePair.Create(definition.Key, definition.Value?.DeepClone()))),
        }.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Named(string definition, string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["propertyNames"] = new JsonObject { ["pattern"] = definition == "Pipeline" ? PipelineName : Name },
        ["additionalProperties"] = Reference(definition),
    };

    private static JsonObject Block(IEnumerable<LoaderKey> keys, string description, JsonObject definitions, string path = "", IReadOnlyList<string>? presets = null, bool isOfQueue = false)
    {
        var properties = new JsonObject();
        if (presets is { Count: > 0 })
        {
            properties["Preset"] = new JsonObject
            {
                ["description"] = "Named values that replace the whole block; the keys beside it then change single ones.",
                ["enum"] = new JsonArray([.. presets.Select(preset => (JsonNode?)preset), null]),
            };
        }

        foreach (var key in keys)
        {
            var setting = SettingProperty.All.Single(property => property.Key == path + key.Name && property.IsOfQueue == isOfQueue);
            properties[key.Name] = key.IsBlock ? Reference(Define(key, setting, definitions)) : Value(key, setting);
        }

        return new JsonObject { ["type"] = "object", ["description"] = description, ["properties"] = properties, ["additionalProperties"] = false };
    }

    private static string Define(LoaderKey block, SettingProperty setting, JsonObject definitions)
    {
        var name = setting.Key.Replace(":", "", StringComparison.Ordinal);
        definitions[Prefix + name] ??= Block(block.Keys, XmlDocumentation.Summary(setting.Property), definitions, $"{setting.Key}:", block.Presets);
        return name;
    }

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{Prefix}{definition}" };

    private static JsonObject Value(LoaderKey key, SettingProperty setting)
    {
        var schema = new JsonObject { ["description"] = $"{XmlDocumentation.Summary(setting.Property)} {XmlDocumentation.Value(setting.Property)}" };
        switch (key.Range!)
        {
            case var range when setting.Type == typeof(bool) && range == "true or false":
                Type("boolean");
                break;
            case var range when setting.Type.IsEnum:
                schema["enum"] = new JsonArray([.. range.Split(", ").Select(choice => (JsonNode?)choice)]);
                break;
            case var range when setting.Type == typeof(TimeSpan) && range.Split(" to ") is [var min, var max]:
                Type("string");
                Pattern(DurationPattern.Of(min, max), $"Write a duration as hours:minutes:seconds, such as \"00:00:30\"; allowed is {range}.");
                break;
            case var range when setting.Type == typeof(int) || setting.Type == typeof(double):
                Type(setting.Type == typeof(int) ? "integer" : "number");
                (schema["minimum"], schema["maximum"]) = range.Split(" to ") is [var low, var high] ? (Number(low), Number(high)) : throw Unknown(key);
                break;
            case "an absolute http or https address without credentials":
                Type("string");
                Pattern("^[Hh][Tt][Tt][Pp][Ss]?://(?![^/?#]*@)[^/?#]+", "Write an absolute http or https address without credentials.");
                break;
            case "the name of a pipeline":
                Type("string");
                Pattern(@"\S", "Write the name of a pipeline.");
                break;
            case "HTTP methods, separated by commas":
                Type("string");
                Pattern("^ *[-!#$%&'*+.^_`|~0-9A-Za-z]+ *(, *[-!#$%&'*+.^_`|~0-9A-Za-z]+ *)*$", "Write HTTP methods, separated by commas.");
                break;
            case "the name of a header":
                Type("string");
                Pattern("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$", "Write the name of a header.");
                break;
            default:
                throw Unknown(key);
        }

        if (setting.Default is { } value)
        {
            schema["default"] = value switch { bool flag => flag, int number => number, double number => number, TimeSpan duration => duration.ToString("c"), _ => value.ToString() };
        }

        return schema;

        void Type(string type) => schema["type"] = setting.CanBeNull ? new JsonArray(type, "null") : type;

        // The second one is for Visual Studio Code, which else shows the pattern.
        void Pattern(string pattern, string message) => (schema["pattern"], schema["patternErrorMessage"]) = (pattern, message);
    }

    private static JsonValue Number(string text) => JsonValue.Create(decimal.Parse(text, CultureInfo.InvariantCulture));

    private static NotSupportedException Unknown(LoaderKey key) => new($"No schema is known for {key.Name}, whose range is '{key.Range}'; write it here.");
}
