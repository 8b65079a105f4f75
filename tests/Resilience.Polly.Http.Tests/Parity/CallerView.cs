using System.Net.Http.Headers;

namespace Resilience.Polly.Http.Tests.Parity;

/// <summary>All that a caller can see of one request: the answer, its body, the message that it was an answer to, or the failure.</summary>
internal static class CallerView
{
    public static async Task<List<(string What, string Value)>> OfAsync(HttpClient client, HttpRequestMessage request, Scenario scenario)
    {
        var seen = new List<(string What, string Value)>();
        void See(string what, object? value) => seen.Add((what, value?.ToString() ?? "null"));
        void SeeHeaders(string what, HttpHeaders headers)
        {
            foreach (var (name, values) in headers.NonValidated)
            {
                See($"{what} {name}", string.Join(" | ", values));
            }
        }

        request.Version = client.DefaultRequestVersion;
        request.VersionPolicy = client.DefaultVersionPolicy;
        try
        {
            using var response = await client.SendAsync(request, scenario.Completion);
            See("status", $"{response.Version} {(int)response.StatusCode} {response.ReasonPhrase}");
            SeeHeaders("header", response.Headers);
            SeeHeaders("content header", response.Content.Headers);
            See("message", $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} {response.RequestMessage?.Version}");

            // With the head only, a plain answer may not know the length yet that a buffered one knows. Of a decompressed one it never does.
            if (scenario.Completion == HttpCompletionOption.ResponseContentRead && !scenario.IsCompressed)
            {
                See("content length", response.Content.Headers.ContentLength);
            }

            See("body", Short(await response.Content.ReadAsByteArrayAsync()));
            if (!scenario.IsCompressed)
            {
                See("content length after reading", response.Content.Headers.ContentLength);
            }

            See("body once more", Short(await response.Content.ReadAsByteArrayAsync()));
            using var stream = await response.Content.ReadAsStreamAsync();
            See("stream", $"{stream.CanRead} {stream.CanSeek} {stream.CanWrite}");
            SeeHeaders("trailer", response.TrailingHeaders);
            if (scenario.ContentCanBeReadAgain)
            {
                See("content that was sent", await SentAsync(response.RequestMessage?.Content));
            }
        }
        catch (HttpRequestException failure)
        {
            // A plain client that reads the body by itself has seen the head by then. A pipeline reads the body before it answers.
            seen.Clear();
            See("fails", $"{failure.HttpRequestError} {failure.StatusCode}");
        }

#pragma warning disable CA1031 // whatever it is, it must be the same for both
        catch (Exception failure)
#pragma warning restore CA1031
        {
            seen.Clear();
            See("fails", failure.GetType());
        }

        // A redirect changes the message of a plain client, and leaves that of a pipeline as it was.
        See("own message", scenario.Redirects ? "" : $"{request.Method} {request.Content?.GetType().Name}");
        if (scenario.ContentCanBeReadAgain && !scenario.Redirects)
        {
            See("own content", await SentAsync(request.Content));
        }

        return seen;
    }

    private static async Task<string> SentAsync(HttpContent? content)
    {
        if (content is null)
        {
            return "none";
        }

        try
        {
            // Not disposed: the content keeps the stream that it gives.
            var body = await content.ReadAsStreamAsync();
            if (body.CanSeek)
            {
                body.Position = 0;
            }

            using var read = new MemoryStream();
            await body.CopyToAsync(read);
            return Short(read.ToArray());
        }
        catch (Exception failure) when (failure is ObjectDisposedException or InvalidOperationException or HttpRequestException)
        {
            return failure.GetType().Name;
        }
    }

    /// <summary>A body for a message that people read.</summary>
    public static string Short(byte[] bytes) => $"{bytes.Length} bytes, {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)[..8])}";
}
