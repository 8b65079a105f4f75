using System.Net.Http.Json;

namespace Resilience.Polly.Http.Contents;

/// <summary>Which bodies can be sent a second time.</summary>
internal static class BodyReplay
{
    /// <summary>Whether the content gives the same bytes each time. One of a type that is not .NET's own may or may not.</summary>
    public static bool CanRepeat(HttpContent content) => content switch
    {
        ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        MultipartContent parts => parts.All(CanRepeat),
        StreamContent => content.ReadAsStream().CanSeek, // looks at the stream and reads nothing
        RecordedContent recorded => recorded.CanSend,
        _ => false,
    };

    /// <summary>Whether what the content writes may be kept. The messages of gRPC go on being written while the answer is read, perhaps for hours.</summary>
    public static bool CanKeep(HttpContent content) => !MediaType.IsGrpc(content.Headers);
}
