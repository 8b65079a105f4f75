using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Events;

/// <summary>Tells one listener what happens, one event after the other.</summary>
internal sealed class ListenerPump
{
    private readonly IResilienceListener _listener;
    private readonly ILogger _logger;

    public ListenerPump(IResilienceListener listener, EventQueue queue, ILogger logger)
    {
        (_listener, Queue, _logger) = (listener, queue, logger);

        // A listener must not see the activity and the async locals of whoever made the first pipeline.
        using (ExecutionContext.SuppressFlow())
        {
            Finished = Task.Run(PumpAsync);
        }
    }

    public EventQueue Queue { get; }

    /// <summary>Ends when the queue is complete and all of it was told.</summary>
    public Task Finished { get; }

    private async Task PumpAsync()
    {
        await foreach (var happened in Queue.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                if (happened is EventsLostEvent lost)
                {
                    Log.EventsLost(_logger, _listener.GetType(), lost.Count);
                }

                _listener.OnEvent(happened);
            }
#pragma warning disable CA1031 // whatever a listener throws concerns nobody else
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.ListenerFailed(_logger, exception, _listener.GetType());
            }
        }
    }
}
