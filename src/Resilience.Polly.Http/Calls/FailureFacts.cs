using Polly;
using Resilience.Polly.Http.Phases;

namespace Resilience.Polly.Http.Calls;

/// <summary>Reports to the pipeline what the type of an attempt's exception does not show: who is to blame, and which status had come.</summary>
internal static class FailureFacts
{
    public static void Tell(Exception failure, AttemptMessage? message, HttpResponseMessage? response, TimeProvider time, ResilienceContext context)
    {
        if (message?.CallersFault is { } fault && ReferenceEquals(fault, failure))
        {
            context.Properties.Set(CallProperties.Failure, new AttemptFailure(failure, judgedAs: null));
        }
        else if (response is { IsSuccessStatusCode: false })
        {
            // Only its body could not be read.
            context.Properties.Set(CallProperties.Failure, new AttemptFailure(failure, new HttpStatusException(response, time)));
        }
    }
}
