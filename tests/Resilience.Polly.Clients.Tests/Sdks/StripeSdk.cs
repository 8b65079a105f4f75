using Microsoft.Extensions.DependencyInjection;
using Stripe;

namespace Resilience.Polly.Clients.Tests;

public sealed class StripeSdk : Sdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = async services => (await new CustomerService(Stripe(services)).GetAsync("cus_1")).Id,
        ["create"] = async services => (await new CustomerService(Stripe(services)).CreateAsync(new() { Name = "somebody" })).Id,
    };

    public override IReadOnlyList<Type> Errors => [typeof(StripeException), typeof(HttpRequestException)];

    public override bool Retries => true;

    // The pipeline does not retry a 500.
    public override bool NeedsItsRetries(string callName, Fault fault) => fault.Name == "500 once";

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        services.AddSingleton<IStripeClient>(provider => new StripeClient(
            "sk_test_1",
            httpClient: new SystemNetHttpClient(Http(provider), maxNetworkRetries: retries ? SystemNetHttpClient.DefaultMaxNumberRetries : 0),
            apiBase: server.ToString().TrimEnd('/')));
        return services.AddHttpClient(Name);
    }

    public override Answer AnswerTo(SeenRequest request) => Answer.Json("""{"id":"cus_1","object":"customer","name":"somebody"}""");

    private static IStripeClient Stripe(IServiceProvider services) => services.GetRequiredService<IStripeClient>();
}
