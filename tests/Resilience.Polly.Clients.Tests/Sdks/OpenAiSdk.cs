using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;

namespace Resilience.Polly.Clients.Tests;

public sealed class OpenAiSdk : Sdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get model"] = async services => (await OpenAi(services).GetOpenAIModelClient().GetModelAsync("large")).Value.Id,
        ["complete"] = async services => (await OpenAi(services).GetChatClient("large").CompleteChatAsync("hello")).Value.Content[0].Text,
    };

    public override IReadOnlyList<Type> Errors => [typeof(ClientResultException), typeof(IOException)];

    public override bool Retries => true;

    public override bool Streams => true;

    // The pipeline does not retry a 500, and a POST without a key only where it was not sent.
    public override bool NeedsItsRetries(string callName, Fault fault) => fault.Name == "500 once" || (callName == "complete" && fault.IsOnce);

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        services.AddSingleton(provider => new OpenAIClient(new ApiKeyCredential("key"), new OpenAIClientOptions
        {
            Endpoint = new Uri(server, "v1"),
            Transport = new HttpClientPipelineTransport(Http(provider)),
            RetryPolicy = retries ? new Quick() : new ClientRetryPolicy(0),
        }));
        return services.AddHttpClient(Name);
    }

    public override Answer AnswerTo(SeenRequest request) => Answer.Json(request.Method == "GET"
        ? """{"id":"large","object":"model","created":1767225600,"owned_by":"somebody"}"""
        : """
          {"id":"1","object":"chat.completion","created":1767225600,"model":"large","choices":[{"index":0,"finish_reason":"stop",
          "message":{"role":"assistant","content":"hello to you"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
          """);

    private static OpenAIClient OpenAi(IServiceProvider services) => services.GetRequiredService<OpenAIClient>();

    /// <summary>The SDK's own retries without their waits.</summary>
    private sealed class Quick : ClientRetryPolicy
    {
        protected override TimeSpan GetNextDelay(PipelineMessage message, int tryCount) => TimeSpan.Zero;
    }
}
