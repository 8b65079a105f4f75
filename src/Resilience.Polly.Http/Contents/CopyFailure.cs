using System.Net;

namespace Resilience.Polly.Http.Contents;

/// <summary>Removes only the wrapper that <see cref="HttpContent"/> puts around an exception of the stream that it copies.</summary>
internal static class CopyFailure
{
    // A body may throw an exception of the same shape itself. Only the message differs, so HttpContent is made to throw it once.
    private static readonly Lazy<string?> Wrapping = new(static () =>
    {
        using var content = new Failing();
        try
        {
            content.CopyToAsync(Stream.Null).GetAwaiter().GetResult(); // ends at once
            return null;
        }
        catch (HttpRequestException wrapped)
        {
            return wrapped.Message;
        }
    });

    public static Exception Unwrap(Exception failure) =>
        failure is HttpRequestException { InnerException: (IOException or ObjectDisposedException) and var inner } && failure.Message == Wrapping.Value
            ? inner
            : failure;

    private sealed class Failing : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.FromException(new IOException());

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
