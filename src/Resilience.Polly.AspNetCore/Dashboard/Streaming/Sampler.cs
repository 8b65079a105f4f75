using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Dashboard.Sampling;
using Resilience.Polly.AspNetCore.Primitives;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Streaming;

/// <summary>
/// Records the pipelines from the start of the application on, for all pages together. Without a page it only keeps numbers. It creates frames only
/// while there are pages.
/// </summary>
internal sealed class Sampler : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<StreamClient> _viewers = [];
    private readonly CancellationTokenSource _watch = new();
    private readonly DashboardOptions _options;
    private readonly ILogger _logger;
    private readonly Recorder _recorder;
    private readonly PeriodicWork _ticks;
    private bool _isStarted;
    private bool _isSampled;
    private bool _isMemoryReported;
    private bool _isDisposed;

    public Sampler(IResilienceMonitor monitor, IResilienceAdvisor advisor, DashboardOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        var log = new EventLog(options.TraceUrl);
        _recorder = new(monitor, advisor, log, options, clock);
        _ticks = new(clock, options.Interval, failure => Log.SampleFailed(logger, failure), Tick);
        _ = WriteLogAsync(monitor.WatchAsync(cancellationToken: _watch.Token), log, _watch.Token); // at once, so that the log also has the events of the start
    }

    /// <summary>Takes the first sample, and one per interval from then on.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isStarted || _isDisposed)
            {
                return;
            }

            _isStarted = true;
            _ticks.Start();
            try
            {
                Sample();
            }
            catch (Exception failure) // a fault of the dashboard must not stop the start of the application
            {
                Log.SampleFailed(_logger, failure);
            }
        }
    }

    /// <summary>A viewer whose first event is the whole state; <see langword="null"/> if there are <see cref="DashboardOptions.MaxStreams"/> already.</summary>
    public StreamClient? TryJoin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_viewers.Count >= _options.MaxStreams)
            {
                return null;
            }

            Start(); // a server answers requests a little before the application has started
            if (!_isSampled)
            {
                Sample();
            }

            var viewer = new StreamClient(_recorder.Whole());
            _viewers.Add(viewer);
            return viewer;
        }
    }

    public void Leave(StreamClient viewer)
    {
        lock (_gate)
        {
            _viewers.Remove(viewer);
            viewer.Dispose(); // inside the lock, so that no other thread drops it at the same time
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _ticks.Dispose();
            _watch.Cancel();
            _watch.Dispose();
            _viewers.ForEach(viewer => viewer.Drop());
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            Sample();
            if (_viewers.Count > 0)
            {
                var frame = _recorder.Changes();
                _viewers.ForEach(viewer => viewer.Offer(frame));
            }
        }
    }

    private void Sample()
    {
        _recorder.Sample();
        _isSampled = true;
        if (_recorder.IsMemoryUsedUp && !_isMemoryReported)
        {
            _isMemoryReported = true;
            Log.HistoryFull(_logger, _options.MaxHistoryMegabytes);
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
            // The application stops.
        }
    }
}
