using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace Resilience.Polly.Clients.Tests;

public sealed record Item(string Name);

public interface IItems
{
    [Get("/item")]
    Task<Item> GetAsync();

    [Put("/item")]
    Task<Item> PutAsync([Body] Item item);

    [Post("/item")]
    Task<Item> PostAsync([Body] Item item);
}

/// <param name="registersItself">Whether Refit registers the HttpClient, whose primary handler is then its own; otherwise it is given one of the factory.</param>
public sealed class RefitSdk(bool registersItself) : Sdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = async services => (await Items(services).GetAsync()).Name,
        ["put"] = async services => (await Items(services).PutAsync(new("pen"))).Name,
        ["post"] = async services => (await Items(services).PostAsync(new("pen"))).Name,
    };

    public override IReadOnlyList<Type> Errors => [typeof(ApiExceptionBase)];

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        var builder = registersItself
            ? services.AddRefitGeneratedClient<IItems>(settings: null, httpClientName: Name)
            : services.AddHttpClient(Name).AddTypedClient(http => RestService.ForGenerated<IItems>(http));
        return builder.ConfigureHttpClient(client => client.BaseAddress = server);
    }

    public override Answer AnswerTo(SeenRequest request) => Answer.Json("""{"name":"pen"}""");

    private static IItems Items(IServiceProvider services) => services.GetRequiredService<IItems>();
}
