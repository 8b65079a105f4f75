using Elastic.Clients.Elasticsearch;
using Elastic.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

public sealed class ElasticSdk : Sdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = async services => TextOf(await Elastic(services).GetAsync<Item>("items", "1"), response => response.Source?.Name ?? "none"),
        ["index"] = async services => TextOf(await Elastic(services).IndexAsync(new Item("pen"), request => request.Index("items").Id("1")), response => response.Id),
        ["search"] = async services => TextOf(await Elastic(services).SearchAsync<Item>(request => request.Indices("items")), response => response.Documents.SingleOrDefault()?.Name ?? "none"),
    };

    public override IReadOnlyList<Type> Errors => [typeof(InvalidResponse), typeof(UnexpectedTransportException)];

    public override bool Retries => true;

    // The pipeline retries a POST without a key only where it was not sent.
    public override bool NeedsItsRetries(string callName, Fault fault) => callName == "search" && fault.IsOnce;

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        services.AddSingleton(provider =>
        {
            var handlers = provider.GetRequiredService<IHttpMessageHandlerFactory>();
            var settings = new ElasticsearchClientSettings(
                retries ? new StaticNodePool([server, new Uri($"http://localhost:{server.Port}")]) : new SingleNodePool(server),
                new HttpRequestInvoker((_, _) => handlers.CreateHandler(Name)));
            return new ElasticsearchClient(settings.DisablePing());
        });
        return services.AddHttpClient(Name);
    }

    public override Answer AnswerTo(SeenRequest request) => new(
        200,
        request.Method == "PUT" ? """{"_index":"items","_id":"1","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1}"""
        : request.Method == "POST" ? """{"took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":{"value":1,"relation":"eq"},"max_score":1,"hits":[{"_index":"items","_id":"1","_score":1,"_source":{"name":"pen"}}]}}"""
        : """{"_index":"items","_id":"1","_version":1,"found":true,"_source":{"name":"pen"}}""",
        ("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9"),
        ("X-Elastic-Product", "Elasticsearch"));

    private static ElasticsearchClient Elastic(IServiceProvider services) => services.GetRequiredService<ElasticsearchClient>();

    private static string TextOf<TResponse>(TResponse response, Func<TResponse, string> text)
        where TResponse : Elastic.Transport.Products.Elasticsearch.ElasticsearchResponse =>
        response.IsValidResponse ? text(response) : throw new InvalidResponse(response.DebugInformation);

    /// <summary>The client throws nothing, and returns a response that is not valid.</summary>
    private sealed class InvalidResponse(string message) : Exception(message);
}
