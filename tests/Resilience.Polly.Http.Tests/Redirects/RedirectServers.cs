using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Resilience.Polly.Http.Tests.Redirects;

/// <summary>Three servers - two over http, one over https - that answer by one plan and write down what they see.</summary>
internal sealed class RedirectServers : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly List<(string Name, WebServer Server)> _servers = [];
    private IReadOnlyList<Hop> _plan = [];
    private bool _guarded;
    private int _hop;

    public static async Task<RedirectServers> StartAsync(int version)
    {
        var servers = new RedirectServers();
        foreach (var (name, tls) in new[] { ("A", false), ("B", false), ("S", true) })
        {
            servers._servers.Add((name, await WebServer.StartAsync(context => servers.AnswerAsync(name, context), version, tls: tls)));
        }

        return servers;
    }

    public Uri this[string name] => _servers.Single(server => server.Name == name).Server.Address;

    /// <param name="plan">What is answered to one request after another; 200 afterwards.</param>
    /// <param name="guarded">Whether a request without Authorization is answered 401.</param>
    public void Begin(IReadOnlyList<Hop> plan, bool guarded)
    {
        (_plan, _guarded, _hop) = (plan, guarded, 0);
        _seen.Clear();
    }

    public IReadOnlyList<string> Seen => [.. _seen];

    /// <summary>The text with the names of the servers in place of their addresses, which differ between runs.</summary>
    public string Named(string text) => _servers.Aggregate(text, (named, server) => named
        .Replace(server.Server.Address.AbsoluteUri.TrimEnd('/'), server.Name, StringComparison.Ordinal)
        .Replace(server.Server.Address.Authority, server.Name, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, server) in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task AnswerAsync(string name, HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers
            .Where(header => !header.Key.Equals("X-Request-ID", StringComparison.OrdinalIgnoreCase) && !header.Key.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase))
            .Select(header => $"{header.Key}={Traceless(header.Key, header.Value.ToString())}")
            .Order(StringComparer.Ordinal);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        _seen.Enqueue(Named($"{name} {context.Request.Method} {target} [{string.Join("; ", headers)}] {body}"));

        if (_guarded && !context.Request.Headers.ContainsKey("Authorization"))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
            return;
        }

        var hop = _hop < _plan.Count ? _plan[_hop++] : new Hop(200, null, null);
        context.Response.StatusCode = hop.Status;
        if (hop.Location is not null)
        {
            context.Response.Headers.Location = hop.Location;
        }

        if (hop.Cookie is not null)
        {
            context.Response.Headers.SetCookie = hop.Cookie;
        }

        if (hop.Status is >= 200 and not (204 or 304))
        {
            await context.Response.WriteAsync($"answer of {name}");
        }
    }

    // Each hop has an id of its own in a trace of its caller: what is compared is which span is whose.
    private static string Traceless(string header, string value) =>
        header.Equals("traceparent", StringComparison.OrdinalIgnoreCase) ? RedirectSpans.Name(value) : value;

    internal sealed record Hop(int Status, string? Location, string? Cookie);
}
