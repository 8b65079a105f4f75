using System.Text.Json;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>Writes the parts that the events of a stream are made of.</summary>
internal readonly struct FrameWriter(Utf8JsonWriter json)
{
    public void WriteNumber(string name, double value) => json.WriteNumber(name, value);

    public void WriteString(string name, string value) => json.WriteString(name, value);

    public void WriteNumbers(string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    public void WriteStates(IEnumerable<PipelineTrack> tracks)
    {
        json.WriteStartArray("pipelines");
        foreach (var track in tracks)
        {
            json.WriteRawValue(track.State, skipInputValidation: true);
        }

        json.WriteEndArray();
    }

    public void WriteSettings(IEnumerable<PipelineTrack> tracks)
    {
        json.WriteStartObject("settings");
        foreach (var track in tracks)
        {
            json.WritePropertyName(track.Name);
            JsonSerializer.Serialize(json, track.Settings, DashboardJson.Default.IReadOnlyDictionaryStringString);
        }

        json.WriteEndObject();
    }

    public void WriteHistory(IEnumerable<PipelineTrack> tracks)
    {
        json.WriteStartObject("history");
        foreach (var track in tracks)
        {
            json.WriteStartObject(track.Name);
            json.WriteNumber("points", track.History.Count);
            foreach (var column in HistoryRing.Columns)
            {
                json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(column.ToString()));
                WriteColumn([.. track.History.Read(column)]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public void WriteAdvice(IReadOnlyList<Advice> advice)
    {
        json.WritePropertyName("advice");
        JsonSerializer.Serialize(json, advice, DashboardJson.Default.IReadOnlyListAdvice);
    }

    public void WriteLog(IReadOnlyList<LogEntry> entries)
    {
        json.WritePropertyName("log");
        JsonSerializer.Serialize(json, entries, DashboardJson.Default.IReadOnlyListLogEntry);
    }

    // Most pipelines of a large application are idle, and many columns of the others do not move: those are a single number.
    private void WriteColumn(float[] values)
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
