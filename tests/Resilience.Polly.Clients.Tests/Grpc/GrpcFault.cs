using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Clients.Tests;

/// <summary>A way in which a gRPC service fails. It is given the number of the request from 1 and the healthy service.</summary>
public sealed record GrpcFault(string Name, Func<HttpContext, int, RequestDelegate, Task> Break)
{
    public static IReadOnlyList<GrpcFault> All { get; } =
    [
        new("none", (context, _, healthy) => healthy(context)),
        Once("stream reset once", ResetStream),
        Once("connection reset once", ResetConnection),
        Once("503 once", Unavailable),
        Once("status UNAVAILABLE once", StatusUnavailable),
        Always("stream reset", ResetStream),
        Always("connection reset", ResetConnection),
        Always("503", Unavailable),
        Always("status UNAVAILABLE", StatusUnavailable),
        Always("hang", WebServer.HangAsync),
        new("reset after the head", async (context, _, _) =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.StartAsync();
            await Task.Delay(50);
            context.Abort();
        }),
    ];

    public static GrpcFault Of(string name) => All.Single(fault => fault.Name == name);

    private static GrpcFault Once(string name, RequestDelegate fail) =>
        new(name, (context, number, healthy) => number == 1 ? fail(context) : healthy(context));

    private static GrpcFault Always(string name, RequestDelegate fail) => new(name, (context, _, _) => fail(context));

    private static Task ResetStream(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static Task ResetConnection(HttpContext context)
    {
        context.Features.Get<IConnectionLifetimeFeature>()!.Abort();
        return Task.CompletedTask;
    }

    private static Task Unavailable(HttpContext context)
    {
        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private static Task StatusUnavailable(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)StatusCode.Unavailable).ToString();
        return Task.CompletedTask;
    }
}
