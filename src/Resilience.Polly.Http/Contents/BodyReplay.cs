using System.Net;
using System.Net.Http.Json;

namespace Resilience.Polly.Http.Contents;

/// <summary>Which bodies can be sent a second time.</summary>
internal static class BodyReplay
{
    /// <summary>Whether the content gives the same bytes each time. This is unknown for a type that is not .NET's.</summary>
    public static bool CanRepeat(HttpContent content) => content switch
    {
        ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        MultipartContent parts => parts.All(CanRepeat),
        StreamContent => content.ReadAsStream().CanSeek, // looks at the stream and reads nothing
        RecordedContent recorded => recorded.CanSend,
        _ => false,
    };

    /// <summary>Whether the written bytes may be kept. gRPC messages may be written while the answer is read, perhaps for hours.</summary>
    public static bool CanKeep(HttpContent content) => !MediaType.IsGrpc(content.Headers);
}

/// <summary>Which answers can be read into memory inside their attempt.</summary>
internal static class Buffering
{
    /// <summary>
    /// An answer without a body cannot, since its Content-Length describes another answer. An answer that is larger than any buffer cannot either. Its
    /// caller gets a stream. If the caller did not ask for one, HttpClient refuses it with its own exception.
    /// </summary>
    public static bool IsPossible(HttpMethod method, HttpResponseMessage response) =>
        method != HttpMethod.Head && response.Content.Headers.ContentLength switch
        {
            null => true,
            > 0 when response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified => false,
            var length => length <= Array.MaxLength,
        };
}
