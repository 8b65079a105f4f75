using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Resilience.Polly.Http.Calls;

/// <summary>Reads an error answer. Its status decides; its body may add details.</summary>
internal static class ErrorAnswer
{
    private const int Excerpt = 4 * 1024;

    // Room for problem details with a long list of faults; longer ones are kept as text only.
    private const int Most = 32 * 1024;

    public static async ValueTask<HttpStatusException> ReadAsync(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType;
        var isProblem = type?.MediaType?.Equals("application/problem+json", StringComparison.OrdinalIgnoreCase) == true;
        var buffer = ArrayPool<byte>.Shared.Rent(isProblem ? Most : Excerpt);
        try
        {
            var length = await FillAsync(response.Content, buffer.AsMemory(0, isProblem ? Most : Excerpt), cancellationToken).ConfigureAwait(false);
            return new HttpStatusException(response, clock)
            {
                BodyExcerpt = length == 0 ? null : Decode(type?.CharSet, buffer.AsSpan(0, Math.Min(length, Excerpt))),
                Problem = isProblem ? ProblemReader.Read(buffer.AsMemory(0, length)) : null,
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
        catch (Exception) // the body breaks off, stalls or contradicts its Content-Encoding: the status remains, and the bytes so far are kept
        {
        }

        return length;
    }

    private static string Decode(string? charset, ReadOnlySpan<byte> bytes)
    {
        var decoder = EncodingOf(charset).GetDecoder();
        var text = new char[decoder.GetCharCount(bytes, flush: false)];

        // Without a flush, so a character that the excerpt cuts in two is left out.
        return new string(text, 0, decoder.GetChars(bytes, text, flush: false));
    }

    private static Encoding EncodingOf(string? charset)
    {
        try
        {
            return charset is null ? Encoding.UTF8 : Encoding.GetEncoding(charset.Trim('"'));
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException) // the second for UTF-7, which .NET refuses
        {
            return Encoding.UTF8;
        }
    }
}

/// <summary>Reads problem details (RFC 9457). It skips a member of the wrong type, and a body that is no JSON object.</summary>
internal static class ProblemReader
{
    public static ApiProblem? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // If a name occurs twice, the last member counts.
    private static ApiProblem Read(JsonElement members)
    {
        string? type = null, title = null, detail = null, instance = null;
        HttpStatusCode? status = null;
        foreach (var member in members.EnumerateObject())
        {
            try
            {
                switch (member.Name, member.Value.ValueKind)
                {
                    case ("type", JsonValueKind.String):
                        type = member.Value.GetString();
                        break;
                    case ("title", JsonValueKind.String):
                        title = member.Value.GetString();
                        break;
                    case ("detail", JsonValueKind.String):
                        detail = member.Value.GetString();
                        break;
                    case ("instance", JsonValueKind.String):
                        instance = member.Value.GetString();
                        break;
                    case ("status", JsonValueKind.Number) when member.Value.TryGetInt32(out var number):
                        status = (HttpStatusCode)number;
                        break;
                }
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair, or bytes that are not UTF-8.
            }
        }

        return new ApiProblem { Type = type, Title = title, Status = status, Detail = detail, Instance = instance };
    }
}
