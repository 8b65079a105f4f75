using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Dashboard.Sampling;
using Resilience.Polly.AspNetCore.Primitives;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Streaming;

/// <summary>
/// The one who looks at the pipelines for all pages together: from the first page on, and for <see cref="DashboardOptions.History"/>
/// beyond the last, so that a page that is loaded again has its charts whole.
/// </summary>
internal sealed class Sampler(IResilienceMonitor monitor, IResilienceAdvisor advisor, DashboardOptions options, TimeProvider clock, ILogger logger)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<StreamClient> _viewers = [];
    private CancellationTokenSource? _watch;
    private Recorder? _recorder;
    private PeriodicWork? _ticks;
    private long _leftAt;
    private bool _isDisposed;

    /// <summary>A viewer that has the whole state as its first event; <see langword="null"/> where there are too many already.</summary>
    public StreamClient? TryJoin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_viewers.Count >= options.MaxStreams)
            {
                return null;
            }

            var viewer = new StreamClient((_recorder ?? Start()).Whole());
            _viewers.Add(viewer);
            return viewer;
        }
    }

    public void Leave(StreamClient viewer)
    {
        lock (_gate)
        {
            _viewers.Remove(viewer);
            viewer.Dispose(); // here, where nobody can drop it at the same time
            _leftAt = clock.GetTimestamp();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Stop();
            _viewers.ForEach(viewer => viewer.Drop());
        }
    }

    private Recorder Start()
    {
        var log = new EventLog();
        _watch = new();
        _ = WriteLogAsync(monitor.WatchAsync(cancellationToken: _watch.Token), log, _watch.Token);
        _recorder = new(monitor, advisor, log, options, clock);
        _recorder.Sample();
        _ticks = new(clock, options.Interval, failure => Log.SampleFailed(logger, failure), Tick);
        _ticks.Start();
        return _recorder;
    }

    private void Stop()
    {
        _ticks?.Dispose();
        _watch?.Cancel();
        _watch?.Dispose();
        (_ticks, _watch, _recorder) = (null, null, null);
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_recorder is null)
            {
                return;
            }

            if (_viewers.Count == 0 && clock.GetElapsedTime(_leftAt) >= options.History)
            {
                Stop();
                return;
            }

            var frame = _recorder.Sample();
            _viewers.ForEach(viewer => viewer.Offer(frame));
        }
    }

    private static async Task WriteLogAsync(IAsyncEnumerable<PipelineEvent> events, EventLog log, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var happened in events.ConfigureAwait(false))
            {
                log.Add(happened);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }
}
