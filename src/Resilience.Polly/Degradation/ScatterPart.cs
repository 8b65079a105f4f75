using System.Diagnostics.CodeAnalysis;
using Resilience.Polly.Degradation;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly;

/// <summary>A part of a <see cref="ScatterGather"/>, whatever the type of its value.</summary>
public abstract class ScatterPart
{
    private protected ScatterPart(string name) => Name = name;

    /// <summary>The name that the part was added under.</summary>
    public string Name { get; }

    /// <summary>How it ended. After the run it does not change any more.</summary>
    public abstract ScatterPartState State { get; }

    /// <summary>Whether there is a value, from the call or from the fallback.</summary>
    public bool HasValue => State is ScatterPartState.Answered or ScatterPartState.Fallback;

    /// <summary>Whether the call gave no value. Then the value is that of the fallback, if there is any.</summary>
    public bool IsDegraded => State is ScatterPartState.Fallback or ScatterPartState.Missing;

    /// <summary>
    /// Why the call gave no value: its exception, or an <see cref="ApiTimeoutException"/> of the phase <see cref="TimeoutPhase.Total"/> if it was
    /// late. <see langword="null"/> if it gave one, or still has time.
    /// </summary>
    public abstract Exception? Failure { get; }

    /// <summary>Why the fallback gave no value either, in the same way. <see langword="null"/> if it did, or if there is none.</summary>
    public abstract Exception? FallbackFailure { get; }

    internal abstract void Start(GatherRun run);

    /// <summary>The time of the call is over; its fallback runs.</summary>
    internal abstract void GiveUp(GatherRun run);

    /// <summary>Ends a part that has no result by now without a value.</summary>
    internal abstract void Close(GatherRun run);
}

/// <summary>A part of a <see cref="ScatterGather"/>: one call with its fallback, and, after the run, its value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class ScatterPart<T> : ScatterPart
{
    private static readonly PartResult<T> Asking = new(ScatterPartState.Pending);

    private readonly PartCall<T> _call;
    private readonly PartFallback<T>? _fallback;
    private PartResult<T> _result = Asking;

    internal ScatterPart(string name, PartCall<T> call, PartFallback<T>? fallback)
        : base(name) => (_call, _fallback) = (call, fallback);

    /// <inheritdoc/>
    public override ScatterPartState State => Result.State;

    /// <inheritdoc/>
    public override Exception? Failure => Result.Failure;

    /// <inheritdoc/>
    public override Exception? FallbackFailure => Result.FallbackFailure;

    /// <summary>The value of the call, or of the fallback.</summary>
    /// <exception cref="InvalidOperationException">There is no value: see <see cref="ScatterPart.HasValue"/>, or use <see cref="TryGetValue"/>.</exception>
    public T Value => TryGetValue(out var value) ? value : throw (State == ScatterPartState.Pending
        ? new InvalidOperationException($"Part '{Name}' has no value yet. Await RunAsync first.")
        : new InvalidOperationException(
            $"Part '{Name}' has no value: its call failed or was late, and so did its fallback, if it has one. Check HasValue first.", Failure));

    private PartResult<T> Result => Volatile.Read(ref _result);

    /// <summary>Gets the value, if there is one.</summary>
    /// <param name="value">The value of the call or of the fallback.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetValue([MaybeNullWhen(false)] out T value)
    {
        var result = Result;
        value = result.Value;
        return result.State is ScatterPartState.Answered or ScatterPartState.Fallback;
    }

    // On another thread, so a delegate that blocks does not keep other parts from starting.
    internal override void Start(GatherRun run) => _ = Task.Run(() => AskAsync(run));

    internal override void GiveUp(GatherRun run)
    {
        var late = new PartResult<T>(ScatterPartState.Pending, Failure: run.CallLate(Name));
        if (!TryMove(Asking, late))
        {
            return;
        }

        // A delegate may block; a value is ready at once.
        _ = _fallback?.Call is null ? FallBackAsync(run, late, null) : Task.Run(() => FallBackAsync(run, late, null));
    }

    internal override void Close(GatherRun run)
    {
        var result = Result;
        while (result.State == ScatterPartState.Pending)
        {
            TryMove(result, ReferenceEquals(result, Asking)
                ? new(ScatterPartState.Missing, Failure: run.CallLate(Name))
                : result with { State = ScatterPartState.Missing, FallbackFailure = run.FallbackLate(Name) });
            result = Result;
        }
    }

    private async Task AskAsync(GatherRun run)
    {
        if (!ReferenceEquals(Result, Asking))
        {
            return; // no thread was free before the deadline
        }

        var (outcome, failedCall) = await _call.MakeAsync(run.Calls).ConfigureAwait(false);
        if (outcome.Exception is { } exception)
        {
            var failed = new PartResult<T>(ScatterPartState.Pending, Failure: exception);
            if (TryMove(Asking, failed))
            {
                await FallBackAsync(run, failed, failedCall).ConfigureAwait(false);
            }
        }
        else if (TryMove(Asking, new(ScatterPartState.Answered, outcome.Result)))
        {
            run.SettleOne();
        }
        else
        {
            await outcome.DiscardAsync().ConfigureAwait(false);
        }
    }

    private async Task FallBackAsync(GatherRun run, PartResult<T> failed, FailedCall? failedCall)
    {
        PartResult<T> result;
        try
        {
            result = _fallback is null
                ? failed with { State = ScatterPartState.Missing }
                : failed with { State = ScatterPartState.Fallback, Value = await _fallback.GiveAsync(failed.Failure!, run.Fallbacks).ConfigureAwait(false) };
        }
        catch (Exception exception) // whatever it is, it leaves only this part without a value
        {
            result = failed with { State = ScatterPartState.Missing, FallbackFailure = exception };
        }

        if (TryMove(failed, result))
        {
            if (result.State == ScatterPartState.Fallback)
            {
                failedCall?.CountDegraded(); // before the run can end, so its caller finds it counted
            }

            run.SettleOne();
        }
    }

    private bool TryMove(PartResult<T> from, PartResult<T> to) => ReferenceEquals(Interlocked.CompareExchange(ref _result, to, from), from);
}

/// <summary>How a part of a <see cref="ScatterGather"/> ended.</summary>
public enum ScatterPartState
{
    /// <summary>Not ended: the parts were not run, or the part still runs.</summary>
    Pending,

    /// <summary>Its call answered in time.</summary>
    Answered,

    /// <summary>Its call failed or was late, and the value is that of its fallback. Degraded.</summary>
    Fallback,

    /// <summary>Its call failed or was late, and its fallback did too, or there is none. Degraded, and without a value.</summary>
    Missing,
}
