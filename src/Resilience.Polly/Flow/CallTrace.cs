using System.Diagnostics;
using Polly;
using Resilience.Polly.Failures;
using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Flow;

/// <summary>The trace of a call: one activity around all its attempts, each attempt an event in it.</summary>
internal static class CallTrace
{
    private static readonly ActivitySource Source = new(TelemetryNames.Source);

    /// <summary>Begins the activity of a call, if there is a listener. The caller must make its own activity current again.</summary>
    public static Activity? Begin(Call call)
    {
        if (!Source.HasListeners() || Source.StartActivity($"{call.Pipeline.Name} call", ActivityKind.Internal) is not { } activity)
        {
            return null;
        }

        activity.SetTag(TelemetryNames.Pipeline, call.Pipeline.Name);
        return call.Partition.Key is { } partition ? activity.SetTag(TelemetryNames.Partition, partition) : activity;
    }

    /// <summary>Records how an attempt ended, and the wait before the next one, if any.</summary>
    public static void NoteAttempt<TResult>(Call call, Outcome<TResult> outcome, TimeSpan? wait)
    {
        if (call.Activity is { } activity)
        {
            var tags = new ActivityTagsCollection { [TelemetryNames.Attempt] = call.Outcome.Attempts, [TelemetryNames.Outcome] = FailureText.Of(outcome) };
            Describe(outcome, tags, static (to, tag, value) => to.Add(tag, value));
            if (wait is { } before)
            {
                tags[TelemetryNames.Wait] = before.TotalSeconds;
            }

            activity.AddEvent(new ActivityEvent("attempt", tags: tags));
        }
    }

    // A lambda with a closure would allocate on every call, even without an activity.
    private static void Describe<TResult, TTarget>(Outcome<TResult> outcome, TTarget target, Action<TTarget, string, object?> tag)
    {
        if (ErrorType.StatusOf(outcome) is { } status)
        {
            tag(target, TelemetryNames.StatusCode, status);
        }

        if (ErrorType.Of(outcome) is { } type)
        {
            tag(target, TelemetryNames.ErrorType, type);
        }
    }

    public static void End<TResult>(Call call, Outcome<TResult> outcome)
    {
        if (call.Activity is { } activity)
        {
            activity.SetTag(TelemetryNames.Result, call.Outcome.Result.Name());
            activity.SetTag(TelemetryNames.Attempts, call.Outcome.Attempts);
            if (call.Outcome.Result.IsError())
            {
                Describe(outcome, activity, static (to, tag, value) => to.SetTag(tag, value));
                if (call.Outcome.Attempts > 0)
                {
                    activity.SetTag(TelemetryNames.History, (call.Outcome.Record ?? CallHistory.Of(call, outcome)).ToString());
                }

                activity.SetStatus(ActivityStatusCode.Error, FailureText.Of(outcome));
            }

            activity.Dispose();
        }
    }
}
