using System.Text;
using Grpc.Core;

namespace Resilience.Polly.Clients.Tests;

/// <summary>A gRPC service of texts, written by hand so that no generator is needed.</summary>
[BindServiceMethod(typeof(EchoService), nameof(Bind))]
public class EchoService
{
    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static readonly Method<string, string> UnaryMethod = new(MethodType.Unary, "test.Echo", nameof(Unary), Text, Text);

    public static readonly Method<string, string> StreamMethod = new(MethodType.ServerStreaming, "test.Echo", nameof(Stream), Text, Text);

    public static readonly Method<string, string> DuplexMethod = new(MethodType.DuplexStreaming, "test.Echo", nameof(Duplex), Text, Text);

    public static void Bind(ServiceBinderBase binder, EchoService? service)
    {
        binder.AddMethod(UnaryMethod, service is null ? null : service.Unary);
        binder.AddMethod(StreamMethod, service is null ? null : service.Stream);
        binder.AddMethod(DuplexMethod, service is null ? null : service.Duplex);
    }

    public virtual Task<string> Unary(string request, ServerCallContext context) => Task.FromResult(request);

    /// <summary>Three times the request.</summary>
    public virtual async Task Stream(string request, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        for (var number = 1; number <= 3; number++)
        {
            await responses.WriteAsync($"{request} {number}");
        }
    }

    /// <summary>Each request as it comes.</summary>
    public virtual async Task Duplex(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync())
        {
            await responses.WriteAsync(request);
        }
    }
}
