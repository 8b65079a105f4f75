using System.Diagnostics.Metrics;

namespace Resilience.Polly.Events;

/// <summary>Whether somebody wants Polly's event of every attempt: a telemetry listener of the application, or a collector of Polly's durations of attempts.</summary>
/// <remarks>
/// Polly's own listener is attached in every application, and writes each event to the log. That alone is no wish: retries are in the log as <c>OnRetry</c>, and attempts that
/// succeed are nothing to log (decision 38).
/// </remarks>
internal sealed class AttemptReports(bool hasListeners)
{
    private const string PollysMeter = "Polly";
    private const string PollysInstrument = "resilience.polly.strategy.attempt.duration";

    // Of Polly's static meter. Known once Polly's listener is made.
    private static Instrument? _durations;

    // Learns of the instrument and never listens to it.
    private static readonly MeterListener Finder = Find();

    /// <summary>Asked for each attempt: one field of the instrument is read.</summary>
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
