using System.Text.Json;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The stream as a page reads it, an event at a time.</summary>
internal sealed class PageStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private PageStream(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

    public HttpResponseMessage Response => _response;

    public static async Task<PageStream> OpenAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        return new(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The name and the data of the next event; null at the end of the stream.</summary>
    public async Task<(string Name, string Data)?> NextAsync()
    {
        var lines = new List<string>();
        while (await _reader.ReadLineAsync().WaitAsync(DashboardApp.Patience) is { } line)
        {
            if (line.Length > 0)
            {
                lines.Add(line);
            }
            else
            {
                Assert.Equal(2, lines.Count);
                return (lines[0]["event: ".Length..], lines[1]["data: ".Length..]);
            }
        }

        return null;
    }

    public async Task<JsonElement> NextAsync(string name)
    {
        var (seen, data) = Assert.NotNull(await NextAsync());
        Assert.Equal(name, seen);
        return JsonDocument.Parse(data).RootElement;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
