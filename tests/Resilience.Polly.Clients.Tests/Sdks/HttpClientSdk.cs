using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

/// <summary>No SDK at all.</summary>
public class HttpClientSdk : Sdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = services => Http(services).GetStringAsync("item"),
        ["get as stream"] = async services =>
        {
            using var reader = new StreamReader(await Http(services).GetStreamAsync("item"));
            return await reader.ReadToEndAsync();
        },
        ["put"] = async services => await TextOf(await Http(services).PutAsJsonAsync("item", new { Name = "pen" })),
        ["post"] = async services => await TextOf(await Http(services).PostAsJsonAsync("item", new { Name = "pen" })),
    };

    public override IReadOnlyList<Type> Errors => [typeof(HttpRequestException), typeof(IOException)];

    public override bool Streams => true;

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries) =>
        services.AddHttpClient(Name, client => client.BaseAddress = server);

    public override Answer AnswerTo(SeenRequest request) => Answer.Json("""{"name":"pen"}""");

    private static async Task<string> TextOf(HttpResponseMessage response)
    {
        using (response)
        {
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync();
        }
    }
}
