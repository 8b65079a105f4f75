using System.Diagnostics.Metrics;

namespace Resilience.Polly.Events;

/// <summary>Whether something receives Polly's event of every attempt: a telemetry listener of the application, or a collector of Polly's attempt durations.</summary>
/// <remarks>
/// Polly's own listener is attached in every application and logs each event. It alone does not count: retries are in the log as <c>OnRetry</c>, and successful
/// attempts need no log line (decision 38).
/// </remarks>
internal sealed class AttemptReports(bool hasListeners)
{
    private const string PollysMeter = "Polly";
    private const string PollysInstrument = "resilience.polly.strategy.attempt.duration";

    // From Polly's static meter. Known once Polly's listener is created.
    private static Instrument? _durations;

    // Finds the instrument and never enables it.
    private static readonly MeterListener Finder = Find();

    /// <summary>Called for each attempt. It reads one field of the instrument.</summary>
    public bool AreWanted => hasListeners || Volatile.Read(ref _durations)?.Enabled == true;

    private static MeterListener Find()
    {
        var finder = new MeterListener
        {
            InstrumentPublished = static (instrument, _) =>
            {
                if (instrument is { Name: PollysInstrument, Meter.Name: PollysMeter })
                {
                    Volatile.Write(ref _durations, instrument);
                }
            },
        };
        finder.Start();
        return finder;
    }
}
