extern alias JsonSchemaNet;

using System.Text.Json;
using JsonSchemaNet::Json.Schema;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>The schema that the package ships, and what it says about a configuration file.</summary>
internal static class SchemaFile
{
    public static string Path { get; } = System.IO.Path.Combine(DocsPages.Root, "src", "Resilience.Polly", "resilience.schema.json");

    private static readonly Lazy<JsonSchema> Schema = new(() => JsonSchema.FromText(File.ReadAllText(Path)));

    public static bool Accepts(string json)
    {
        using var document = JsonDocument.Parse(json, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return Schema.Value.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.Flag }).IsValid;
    }
}
