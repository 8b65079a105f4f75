using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Resilience.Polly.Http;

/// <summary>What an answer that is no success tells, read with care: it may hold anything and be of any length.</summary>
internal static class ErrorAnswer
{
    private const int Excerpt = 4 * 1024;

    // Room for problem details with a long list of faults; what is longer is kept as text only.
    private const int Most = 32 * 1024;

    public static async ValueTask<HttpStatusException> ReadAsync(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        var isProblem = response.Content.Headers.ContentType?.MediaType is { } type
            && type.Equals("application/problem+json", StringComparison.OrdinalIgnoreCase);
        var buffer = ArrayPool<byte>.Shared.Rent(isProblem ? Most : Excerpt);
        try
        {
            var length = await FillAsync(response.Content, buffer.AsMemory(0, isProblem ? Most : Excerpt), cancellationToken).ConfigureAwait(false);
            return new HttpStatusException(response, clock)
            {
                BodyExcerpt = length == 0 ? null : Decode(response.Content, buffer.AsSpan(0, Math.Min(length, Excerpt))),
                Problem = isProblem ? Parse(buffer.AsMemory(0, length)) : null,
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<int> FillAsync(HttpContent content, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var length = 0;
        try
        {
            var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (length < buffer.Length && await body.ReadAsync(buffer[length..], cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                length += count;
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // The status is the failure to tell; that its body broke off adds nothing.
        }

        return length;
    }

    private static string Decode(HttpContent content, ReadOnlySpan<byte> bytes)
    {
        var decoder = EncodingOf(content).GetDecoder();
        var text = new char[decoder.GetCharCount(bytes, flush: false)];

        // Without a flush, so that a character which the excerpt cuts in two is left out.
        return new string(text, 0, decoder.GetChars(bytes, text, flush: false));
    }

    private static Encoding EncodingOf(HttpContent content)
    {
        try
        {
            return content.Headers.ContentType?.CharSet is { } charset ? Encoding.GetEncoding(charset.Trim('"')) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    private static ApiProblem? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? null : new ApiProblem
            {
                Type = Text(root, "type"),
                Title = Text(root, "title"),
                Status = Status(root),
                Detail = Text(root, "detail"),
                Instance = Text(root, "instance"),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // RFC 9457: a member of another type than expected is passed over.
    private static string? Text(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static HttpStatusCode? Status(JsonElement problem) =>
        problem.TryGetProperty("status", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var status)
            ? (HttpStatusCode)status
            : null;
}
