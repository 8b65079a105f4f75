using System.Net;

namespace Resilience.Polly.Http;

/// <summary>
/// Which redirects are followed, and how: as <see cref="SocketsHttpHandler"/> does it. It is done above the phases,
/// so that each hop has a connection, limits and a message of its own.
/// </summary>
internal static class RedirectRules
{
    /// <summary>The message of the next hop, or <see langword="null"/> when the answer is not to be followed.</summary>
    public static AttemptMessage? Next(AttemptMessage message, HttpContent? body, HttpResponseMessage response)
    {
        if (!IsRedirect(response.StatusCode) || response.Headers.Location is not { } location)
        {
            return null;
        }

        var target = Target(message.RequestUri!, location);
        var withBody = !BecomesGet(response.StatusCode, message.Method);
        if (!IsAllowed(message.RequestUri!, target) || (withBody && body is not null && !BodyReplay.CanRepeat(body)))
        {
            return null;
        }

        var next = AttemptMessage.CopyOf(message, message.Limits, message.Setup);
        next.RequestUri = target;
        next.Headers.Authorization = null; // meant for the first server
        next.Content = withBody ? body : null;
        if (!withBody)
        {
            next.Method = HttpMethod.Get;
            next.Headers.TransferEncodingChunked = null;
            next.Headers.ExpectContinue = null;
        }

        return next;
    }

    private static bool IsRedirect(HttpStatusCode status) => status is
        HttpStatusCode.MultipleChoices or
        HttpStatusCode.MovedPermanently or
        HttpStatusCode.Found or
        HttpStatusCode.SeeOther or
        HttpStatusCode.TemporaryRedirect or
        HttpStatusCode.PermanentRedirect;

    private static bool BecomesGet(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.MultipleChoices or HttpStatusCode.MovedPermanently or HttpStatusCode.Found => method == HttpMethod.Post,
        HttpStatusCode.SeeOther => method != HttpMethod.Get && method != HttpMethod.Head,
        _ => false,
    };

    private static Uri Target(Uri from, Uri location)
    {
        var target = location.IsAbsoluteUri ? location : new Uri(from, location);
        return from.Fragment.Length > 0 && target.Fragment.Length == 0
            ? new UriBuilder(target) { Fragment = from.Fragment }.Uri
            : target;
    }

    // Never from a safe connection to an open one, and never out of the web.
    private static bool IsAllowed(Uri from, Uri target) =>
        target.Scheme == Uri.UriSchemeHttps || (target.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp);
}
