using System.Net.Http.Headers;

namespace Resilience.Polly.Http.Contents;

/// <summary>Media types whose bodies may go on without end. Compares the text of the header: parsing costs more than everything else done with an answer.</summary>
internal static class MediaType
{
    private const string Grpc = "application/grpc"; // and application/grpc+proto, application/grpc-web, ...

    private const string Events = "text/event-stream";

    private const string Lines = "application/x-ndjson";

    public static bool IsGrpc(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var type) && type.ToString().StartsWith(Grpc, StringComparison.OrdinalIgnoreCase);

    /// <summary>The type of an answer if it is read as a stream; otherwise empty.</summary>
    public static string StreamOf(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var type) ? StreamOf(type.ToString(), out _) : "";

    /// <summary>Whether a request asks for an answer that is read as a stream: of the given type, or of any of them if none is given.</summary>
    public static bool IsAskedFor(HttpRequestMessage request, string stream = "") =>
        (stream is "" or Grpc && request.Content is { } body && IsGrpc(body.Headers))
        || (request.Headers.NonValidated is { Count: > 0 } headers && headers.TryGetValues("Accept", out var accept) && Names(accept.ToString(), stream));

    /// <summary>Whether a header <c>Accept</c> names a type without refusing it by "q=0" (RFC 9110, section 12.4.2).</summary>
    private static bool Names(string accept, string stream)
    {
        foreach (var part in accept.AsSpan().Split(','))
        {
            var named = StreamOf(accept.AsSpan()[part], out var parameters);
            if (named.Length > 0 && (stream.Length == 0 || stream == named) && !IsRefused(parameters))
            {
                return true;
            }
        }

        return false;
    }

    private static string StreamOf(ReadOnlySpan<char> type, out ReadOnlySpan<char> parameters)
    {
        var end = type.IndexOf(';');
        parameters = end < 0 ? [] : type[end..];
        var name = (end < 0 ? type : type[..end]).Trim();
        return name.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase) ? Grpc
            : name.Equals(Events, StringComparison.OrdinalIgnoreCase) ? Events
            : name.Equals(Lines, StringComparison.OrdinalIgnoreCase) ? Lines
            : "";
    }

    private static bool IsRefused(ReadOnlySpan<char> parameters)
    {
        foreach (var part in parameters.Split(';'))
        {
            var parameter = parameters[part].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            {
                return !parameter[2..].ContainsAnyExcept("0. ");
            }
        }

        return false;
    }
}
