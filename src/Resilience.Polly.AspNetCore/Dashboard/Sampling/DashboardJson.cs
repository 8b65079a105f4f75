using System.Text.Json.Serialization;
using Resilience.Polly.AspNetCore.Dashboard.Access;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PipelineState))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<LogEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Advice>))]
[JsonSerializable(typeof(ControlToken))]
internal sealed partial class DashboardJson : JsonSerializerContext;
