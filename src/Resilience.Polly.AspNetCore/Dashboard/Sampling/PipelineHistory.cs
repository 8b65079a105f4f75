using System.Text.Json;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One pipeline from sample to sample: its history, and what the pages were last told of it.</summary>
internal sealed class PipelineHistory(PipelineSnapshot first, int points)
{
    private CallCounts _calls = first.Lifetime;

    public string Name => first.Name;

    public HistoryRing History { get; } = new(points);

    /// <summary>The state as JSON, made once for the pages that come and for those that are there.</summary>
    public byte[] State { get; private set; } = [];

    /// <summary>Whether the last sample was another than the one before; an idle pipeline need not be told of again.</summary>
    public bool IsChanged { get; private set; }

    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    public bool AreSettingsChanged { get; private set; }

    public void Add(PipelineSnapshot snapshot, TimeSpan elapsed)
    {
        var state = PipelineSampler.Of(snapshot, _calls, elapsed);
        _calls = snapshot.Lifetime;
        History.Append(state);

        var json = JsonSerializer.SerializeToUtf8Bytes(state, DashboardJson.Default.PipelineSample);
        IsChanged = !json.AsSpan().SequenceEqual(State);
        State = json;

        var settings = snapshot.Options.ListSettings().ToDictionary(setting => setting.Key, Shown);
        AreSettingsChanged = !settings.SequenceEqual(Settings);
        Settings = settings;
    }

    // The query of an address may hold a key.
    private static string Shown(KeyValuePair<string, string> setting) =>
        setting.Key == nameof(PipelineOptions.BaseAddress) ? setting.Value.Split('?', '#')[0] : setting.Value;
}
