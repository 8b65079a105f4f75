using System.Net;
using System.Net.Sockets;
using Polly;

namespace Resilience.Polly.Chaos;

/// <summary>What chaos puts in the place of an attempt: alike to what it stands for, but for a message that says so.</summary>
internal static class InjectedFailure
{
    /// <summary>As a refused connection ends, so that nothing can have been sent.</summary>
    public static Exception Unreachable(string pipelineName) => new HttpRequestException(
        HttpRequestError.ConnectionError,
        $"Connection refused, {By(pipelineName)}.",
        new SocketException((int)SocketError.ConnectionRefused));

    /// <summary>The dependency answers 503, in the way in which the call learns of an answer.</summary>
    public static Outcome<TResult> Unavailable<TResult>(string pipelineName, ResilienceContext context)
    {
        const HttpStatusCode status = HttpStatusCode.ServiceUnavailable;
        return typeof(TResult) == typeof(HttpResponseMessage) && !CallProperties.StatusFails(context)
            ? Outcome.FromResult((TResult)(object)new HttpResponseMessage(status) { ReasonPhrase = $"Service Unavailable, {By(pipelineName)}" })
            : Outcome.FromException<TResult>(new HttpStatusException(status, $"The service answered {(int)status}, {By(pipelineName)}."));
    }

    private static string By(string pipelineName) => $"injected by the chaos of pipeline '{pipelineName}'";
}
