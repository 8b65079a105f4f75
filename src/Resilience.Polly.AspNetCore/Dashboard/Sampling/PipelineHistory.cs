using System.Text.Json;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One pipeline from sample to sample: its history, and its state as the pages last got it.</summary>
/// <remarks>A sample only adds numbers to the history. <see cref="Describe"/> creates the state for pages, only while there is a page.</remarks>
internal sealed class PipelineHistory(PipelineSnapshot first, int points, HistoryMemory memory)
{
    private PipelineSnapshot _latest = first;
    private CallRates _rates;
    private bool _isDescribed;

    public string Name => _latest.Name;

    public HistoryRing History { get; } = new(points, memory);

    /// <summary>The state as JSON, created once for new and for open pages.</summary>
    public byte[] State { get; private set; } = [];

    /// <summary>Whether the last description differs from the one before: nothing is sent for an idle pipeline.</summary>
    public bool IsChanged { get; private set; }

    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    public bool AreSettingsChanged { get; private set; }

    public void Add(PipelineSnapshot snapshot, TimeSpan elapsed)
    {
        _rates = CallRates.Between(_latest.Lifetime, snapshot.Lifetime, elapsed);
        _latest = snapshot;
        _isDescribed = false;
        Span<float> sample = stackalloc float[HistoryRing.Columns.Length];
        PipelineSample.Write(sample, snapshot, _rates);
        History.Append(sample);
    }

    /// <summary>Creates the state of the latest sample for pages, unless it exists.</summary>
    public void Describe()
    {
        if (_isDescribed)
        {
            return;
        }

        _isDescribed = true;
        var options = _latest.Options; // each snapshot copies them
        var json = JsonSerializer.SerializeToUtf8Bytes(new PipelineSample(_latest, options, _rates), DashboardJson.Default.PipelineSample);
        IsChanged = !json.AsSpan().SequenceEqual(State);
        State = json;

        var settings = options.ListSettings().ToDictionary(setting => setting.Key, Shown);
        AreSettingsChanged = !settings.SequenceEqual(Settings);
        Settings = settings;
    }

    // The query of an address may hold a key.
    private static string Shown(KeyValuePair<string, string> setting) =>
        setting.Key == nameof(PipelineOptions.BaseAddress) ? setting.Value.Split('?', '#')[0] : setting.Value;
}
