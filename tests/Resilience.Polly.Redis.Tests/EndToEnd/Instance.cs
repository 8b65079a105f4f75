using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>An instance of an application in a process of its own.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private Instance(string name, Process process, Uri address)
    {
        (Name, _process) = (name, process);
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Name { get; }

    public HttpClient Client { get; }

    public static async Task<Instance> StartAsync(string name, IEnumerable<string> settings)
    {
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        var process = Process.Start(new ProcessStartInfo(
            dotnet, [Path.Combine(AppContext.BaseDirectory, "Resilience.Polly.Instance.dll"), .. settings.Prepend($"Redis:InstanceName={name}").Select(setting => $"--{setting}")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Start);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var address = await process.StandardOutput.ReadLineAsync(limit.Token);
        if (address is null)
        {
            Assert.Fail($"{name} did not start: {await errors}");
        }

        return new(name, process, new(address));
    }

    /// <summary>Ends it without a warning, as <c>kill -9</c> does.</summary>
    /// <returns>When it was gone.</returns>
    public long Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        return TimeProvider.System.GetTimestamp();
    }

    /// <summary>Calls the backend through the pipeline.</summary>
    /// <returns><c>done</c>, or the type of the exception.</returns>
    public async Task<string> CallAsync()
    {
        using var response = await Client.PostAsync(new Uri("/calls", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    public async Task<InstanceState> StateAsync() => (await Client.GetFromJsonAsync<InstanceState>("/state"))!;

    /// <summary>What its circuit did so far.</summary>
    public async Task<IReadOnlyList<CircuitMove>> MovesAsync() => (await Client.GetFromJsonAsync<CircuitMove[]>("/moves"))!;

    public async Task<OrderAnswer> OrderAsync(string key, string order = "{}")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = new StringContent(order, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", $"\"{key}\"");
        var start = TimeProvider.System.GetTimestamp();
        using var response = await Client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        return new(
            (int)response.StatusCode, response.Headers.Location?.OriginalString, response.Content.Headers.ContentType?.ToString(), Convert.ToHexString(body),
            response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonDocument.Parse(body).RootElement.GetProperty("code").GetString() : null,
            response.Headers.Contains("Idempotent-Replayed"), response.Headers.RetryAfter is not null, TimeProvider.System.GetElapsedTime(start));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

internal sealed record InstanceState(
    string Circuit, string? Shared, long Epoch, bool IsAlone, IReadOnlyDictionary<string, int> Slots, bool IsAvailable, IReadOnlyList<string> Instances);

internal sealed record CircuitMove(string To, string? By, long At);

internal sealed record OrderAnswer(int Status, string? Location, string? Type, string Body, string? Code, bool IsReplay, bool HasRetryAfter, TimeSpan Took)
{
    /// <summary>What a replay has in common with the first answer.</summary>
    public string Same => string.Create(CultureInfo.InvariantCulture, $"{Status} {Location} {Type} {Body}");
}
