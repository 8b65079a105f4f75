using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Resilience.Polly.AspNetCore.Dashboard.Access;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One server-sent event with an object of JSON as its data, ready for the wire.</summary>
internal static class StreamEvent
{
    public static byte[] Write(string name, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(4_096);
        bytes.Write("event: "u8);
        bytes.Write(System.Text.Encoding.UTF8.GetBytes(name));
        bytes.Write("\ndata: "u8);

        // The JSON has no line breaks, so the data is one line.
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        bytes.Write("\n\n"u8);
        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>Writes the parts of the events of a stream.</summary>
internal static class FrameWriter
{
    public static void Write<TValue>(this Utf8JsonWriter json, string name, TValue value, JsonTypeInfo<TValue> type)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, type);
    }

    public static void WriteStates(this Utf8JsonWriter json, IEnumerable<PipelineHistory> tracks)
    {
        json.WriteStartArray("pipelines");
        foreach (var track in tracks)
        {
            json.WriteRawValue(track.State, skipInputValidation: true);
        }

        json.WriteEndArray();
    }

    public static void WriteSettings(this Utf8JsonWriter json, IEnumerable<PipelineHistory> tracks)
    {
        json.WriteStartObject("settings");
        foreach (var track in tracks)
        {
            json.Write(track.Name, track.Settings, DashboardJson.Default.IReadOnlyDictionaryStringString);
        }

        json.WriteEndObject();
    }

    public static void WriteHistory(this Utf8JsonWriter json, IEnumerable<PipelineHistory> tracks)
    {
        json.WriteStartObject("history");
        foreach (var track in tracks)
        {
            json.WriteStartObject(track.Name);
            json.WriteNumber("points", track.History.Count);
            foreach (var column in HistoryRing.Columns)
            {
                json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(column.ToString()));
                WriteColumn(json, [.. track.History.Read(column)]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // Most pipelines of a large application are idle, and many columns of the others are constant. Such a column is a single number.
    private static void WriteColumn(Utf8JsonWriter json, float[] values)
    {
        if (!values.AsSpan().ContainsAnyExcept(values[0]))
        {
            json.WriteNumberValue(Rounded(values[0]));
            return;
        }

        json.WriteStartArray();
        foreach (var value in values)
        {
            json.WriteNumberValue(Rounded(value));
        }

        json.WriteEndArray();
    }

    private static float Rounded(float value) => MathF.Round(value, 3);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PipelineSample))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<LogEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Advice>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(IEnumerable<long>))]
[JsonSerializable(typeof(ControlToken))]
internal sealed partial class DashboardJson : JsonSerializerContext;
