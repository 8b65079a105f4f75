using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Resilience.Polly.Degradation;
using Resilience.Polly.Events;
using Resilience.Polly.Failures;
using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>
/// Calls many services at once and returns by a deadline with the results so far. Each part has its call and, if you like, a fallback. No part
/// can make the whole fail or wait (guide: "Scenario 3: Microservices Data Aggregation"). An instance is for one run.
/// </summary>
/// <remarks>
/// Add the parts, await <see cref="RunAsync"/>, read the parts. Any exception of its call degrades a part, and so does the deadline. Then its
/// fallback runs: at once after a failure, at the deadline if the call is late. <c>AddResilience</c> registers this class as
/// transient, with the application's <see cref="TimeProvider"/> and log. Add the parts from one thread.
/// </remarks>
/// <param name="clock">The clock for the deadline; the system's if omitted.</param>
/// <param name="loggers">Where degraded parts are logged, in the category <c>Resilience.Polly</c>; nowhere if omitted.</param>
public sealed partial class ScatterGather(TimeProvider? clock = null, ILoggerFactory? loggers = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ILogger _logger = loggers?.CreateLogger(ApplicationServices.LogCategory) ?? NullLogger.Instance;
    private readonly List<ScatterPart> _parts = [];
    private int _hasBegun;
    private volatile bool _hasEnded;

    /// <summary>
    /// How long a fallback that is a delegate may take after the deadline. A value needs no time. With zero, such a fallback helps only
    /// calls that fail before the deadline.
    /// </summary>
    /// <value>0 to 1 day; the default is 25 milliseconds.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    /// <exception cref="InvalidOperationException">The parts already run.</exception>
    public TimeSpan FallbackGrace
    {
        get;
        set
        {
            ThrowIfBegun();
            Kinds.Wait.ThrowIfOutOfRange(value, nameof(FallbackGrace), nameof(FallbackGrace));
            field = value;
        }
    }
    = TimeSpan.FromMilliseconds(25);

    /// <summary>The parts, in the order in which they were added.</summary>
    public IReadOnlyList<ScatterPart> Parts => _parts.AsReadOnly();

    /// <summary>The names of the parts whose call gave no value in time, in the order in which they were added (guide: <c>degraded_services</c>).</summary>
    /// <exception cref="InvalidOperationException">The run has not ended.</exception>
    public IReadOnlyList<string> Degraded => _hasEnded
        ? [.. _parts.Where(part => part.IsDegraded).Select(part => part.Name)]
        : throw new InvalidOperationException("Which parts are degraded is known after the run. Await RunAsync first.");

    /// <summary>
    /// Runs all parts at once and returns when each has a value or has finally failed. It returns at the deadline at the latest, or
    /// <see cref="FallbackGrace"/> later if a fallback still runs. Calls that still run are cancelled then, and their results are ignored.
    /// </summary>
    /// <param name="deadline">The time for all calls together: 1 millisecond to 1 day.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="OperationCanceledException">The caller has cancelled. Exceptions of parts are never thrown: see <see cref="ScatterPart.Failure"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="deadline"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The parts were run before.</exception>
    public Task RunAsync(TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        Kinds.Limit.ThrowIfOutOfRange(deadline, nameof(deadline), nameof(deadline));
        if (Interlocked.Exchange(ref _hasBegun, 1) != 0)
        {
            throw Begun();
        }

        return RunPartsAsync(new GatherRun(_parts.Count, deadline, FallbackGrace, cancellationToken), deadline, cancellationToken);
    }

    private async Task RunPartsAsync(GatherRun run, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var waiting = run.Settled.WaitAsync(deadline, _clock, cancellationToken); // before the start, which counts for the deadline
        if (!cancellationToken.IsCancellationRequested)
        {
            _parts.ForEach(part => part.Start(run));
        }

        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        if (!run.Settled.IsCompleted)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                waiting = run.Settled.WaitAsync(FallbackGrace, _clock, cancellationToken); // likewise
                _parts.ForEach(part => part.GiveUp(run));
                run.CancelCalls();
                await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _parts.ForEach(part => part.Close(run));
            run.CancelAll();
        }

        _hasEnded = true;
        cancellationToken.ThrowIfCancellationRequested();
        LogDegraded();
    }

    // After the run no part changes any more.
    private void LogDegraded()
    {
        ScatterPart[] degraded = [.. _parts.Where(part => part.IsDegraded)];
        foreach (var part in degraded)
        {
            var failure = part.Failure is ApiCallException known ? known.Message : FailureText.Of(part.Failure!);
            if (part.State == ScatterPartState.Fallback)
            {
                Log.PartFellBack(_logger, part.Name, failure);
            }
            else
            {
                Log.PartMissing(_logger, part.Name, failure);
            }
        }

        if (degraded.Length > 0)
        {
            Log.GatherDegraded(_logger, degraded.Length, _parts.Count, NameList.Of(degraded.Select(part => part.Name)));
        }
    }

    private ScatterPart<T> Add<T>(string name, PartCall<T> call, PartFallback<T>? fallback)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ThrowIfBegun();
        if (_parts.Exists(part => part.Name == name))
        {
            throw new ArgumentException($"There is a part named '{name}' already. Names say which parts are degraded, so each part needs its own.", nameof(name));
        }

        var part = new ScatterPart<T>(name, call, fallback);
        _parts.Add(part);
        return part;
    }

    private void ThrowIfBegun()
    {
        if (Volatile.Read(ref _hasBegun) != 0)
        {
            throw Begun();
        }
    }

    private static InvalidOperationException Begun() =>
        new("This ScatterGather has been run. An instance is for one run: create a new one for each, or inject it.");
}
