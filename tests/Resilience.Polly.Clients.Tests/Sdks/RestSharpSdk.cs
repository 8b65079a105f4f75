using Microsoft.Extensions.DependencyInjection;
using RestSharp;

namespace Resilience.Polly.Clients.Tests;

public sealed class RestSharpSdk : Sdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = services => SendAsync(services, new("item")),
        ["put"] = services => SendAsync(services, new RestRequest("item", Method.Put).AddJsonBody(new Item("pen"))),
        ["post"] = services => SendAsync(services, new RestRequest("item", Method.Post).AddJsonBody(new Item("pen"))),
    };

    public override IReadOnlyList<Type> Errors => [typeof(HttpRequestException), typeof(TimeoutException)];

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries) =>
        services.AddHttpClient(Name, client => client.BaseAddress = server);

    public override Answer AnswerTo(SeenRequest request) => Answer.Json("""{"name":"pen"}""");

    private static async Task<string> SendAsync(IServiceProvider services, RestRequest request)
    {
        using var client = new RestClient(Http(services));
        var response = await client.ExecuteAsync(request);
        return response.ThrowIfError().Content!;
    }
}
