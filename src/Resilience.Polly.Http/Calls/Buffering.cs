using System.Net;

namespace Resilience.Polly.Http;

/// <summary>Which answers can be read into memory inside their attempt.</summary>
internal static class Buffering
{
    /// <summary>
    /// Not one without a body whose Content-Length tells of another answer; and not one that is larger than any buffer, which its reader
    /// gets as a stream: whether he wanted one cannot be seen, and HttpClient refuses it with its own exception where he did not.
    /// </summary>
    public static bool IsPossible(HttpMethod method, HttpResponseMessage response) =>
        method != HttpMethod.Head && response.Content.Headers.ContentLength switch
        {
            null => true,
            > 0 when response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified => false,
            var length => length <= Array.MaxLength,
        };
}
