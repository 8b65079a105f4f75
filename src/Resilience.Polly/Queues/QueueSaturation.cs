using Microsoft.Extensions.Logging;
using Resilience.Polly.Events;

namespace Resilience.Polly.Queues;

/// <summary>Tells the log of saturation: at once, and then once a minute at most, with how often it was met in between.</summary>
internal sealed class QueueSaturation(string queue, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _toldAt;
    private int _met;

    public void Note(int waiting)
    {
        int met;
        lock (_gate)
        {
            _met++;
            if (_toldAt is { } at && clock.GetElapsedTime(at) < Silence)
            {
                return;
            }

            _toldAt = clock.GetTimestamp();
            (met, _met) = (_met, 0);
        }

        Log.QueueSaturated(logger, queue, met, waiting);
    }
}
