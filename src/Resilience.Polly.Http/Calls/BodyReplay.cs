using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace Resilience.Polly.Http;

/// <summary>Which bodies can be sent a second time.</summary>
internal static class BodyReplay
{
    private static readonly ConditionalWeakTable<HttpContent, object> Sent = new();

    /// <summary>Whether the content gives the same bytes each time. One of a type that is not .NET's own may or may not, and is sent once.</summary>
    public static bool CanRepeat(HttpContent content) => content switch
    {
        ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        MultipartContent parts => parts.All(CanRepeat),
        StreamContent => content.ReadAsStream().CanSeek, // looks at the stream and reads nothing
        _ => false,
    };

    /// <summary>Remembers that a body which can be sent once has been.</summary>
    public static void NoteSent(HttpContent content) => Sent.TryAdd(content, content);

    /// <exception cref="InvalidOperationException">The body was sent before, or was disposed.</exception>
    public static void ThrowIfSpent(HttpContent content)
    {
        if (Sent.TryGetValue(content, out _))
        {
            throw new InvalidOperationException(
                $"The body of the request ({content.GetType().Name}) was sent before and cannot be read twice. " +
                "Give each request a content of its own, or one that can be repeated, such as ByteArrayContent.");
        }
    }
}
