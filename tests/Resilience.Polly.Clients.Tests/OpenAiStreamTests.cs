using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;

namespace Resilience.Polly.Clients.Tests;

/// <summary>An answer of OpenAI that comes piece by piece.</summary>
public class OpenAiStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Completion_is_read_while_it_is_written(bool pipeline)
    {
        var gate = new TaskCompletionSource();
        await using var server = await AppServer.StartAsync(
            _ => { },
            app => app.Run(async context =>
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(Piece("first"));
                await context.Response.Body.FlushAsync();
                await gate.Task;
                await context.Response.WriteAsync(Piece("last") + "data: [DONE]\n\n");
            }));
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = services.AddHttpClient(Sdk.Name);
        if (pipeline)
        {
            Wiring.AddPipeline(builder, streamResponses: true);
        }

        await using var provider = services.BuildServiceProvider();
        var client = new OpenAIClient(new ApiKeyCredential("key"), new OpenAIClientOptions
        {
            Endpoint = new Uri(server.Address, "v1"),
            Transport = new HttpClientPipelineTransport(provider.GetRequiredService<IHttpClientFactory>().CreateClient(Sdk.Name)),
        });

        await using var pieces = client.GetChatClient("large").CompleteChatStreamingAsync("hello").GetAsyncEnumerator();
        Assert.True(await pieces.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal("first", pieces.Current.ContentUpdate[0].Text);
        gate.SetResult();
        Assert.True(await pieces.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal("last", pieces.Current.ContentUpdate[0].Text);
        Assert.False(await pieces.MoveNextAsync().AsTask().WaitAsync(Patience));
    }

    private static string Piece(string text) =>
        $$$"""data: {"id":"1","object":"chat.completion.chunk","created":1767225600,"model":"large","choices":[{"index":0,"delta":{"role":"assistant","content":"{{{text}}}"}}]}""" + "\n\n";
}
