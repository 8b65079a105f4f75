using System.Net;

namespace Resilience.Polly.Http.Contents;

/// <summary>Which answers can be read into memory inside their attempt.</summary>
internal static class Buffering
{
    /// <summary>
    /// An answer without a body cannot: its Content-Length describes another answer. An answer that is larger than any buffer cannot either. Its
    /// caller gets a stream, and HttpClient refuses it with its own exception if the caller did not ask for one.
    /// </summary>
    public static bool IsPossible(HttpMethod method, HttpResponseMessage response) =>
        method != HttpMethod.Head && response.Content.Headers.ContentLength switch
        {
            null => true,
            > 0 when response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified => false,
            var length => length <= Array.MaxLength,
        };
}
