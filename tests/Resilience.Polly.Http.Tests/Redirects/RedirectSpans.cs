using System.Diagnostics;

namespace Resilience.Polly.Http.Tests.Redirects;

/// <summary>Names the spans that servers are told of: "span 1" is the first client span of the run, whatever its random id.</summary>
internal static class RedirectSpans
{
    private static readonly Lock Gate = new();
    private static readonly List<string> Known = [];

    public static void Begin()
    {
        lock (Gate)
        {
            Known.Clear();
        }
    }

    public static string Name(string traceparent)
    {
        lock (Gate)
        {
            var id = ActivityContext.TryParse(traceparent, null, out var span) ? span.SpanId.ToString() : traceparent;
            if (!Known.Contains(id))
            {
                Known.Add(id);
            }

            return $"span {Known.IndexOf(id) + 1}";
        }
    }

    /// <summary>Every client span is recorded while this lives.</summary>
    public static ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
