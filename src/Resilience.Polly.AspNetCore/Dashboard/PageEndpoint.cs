using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Resilience.Polly.AspNetCore.Dashboard.Controls;
using Resilience.Polly.AspNetCore.Dashboard.Page;

namespace Resilience.Polly.AspNetCore.Dashboard;

/// <summary>Answers with the page. All addresses in it are relative to its own, so it works with any path base and behind any proxy.</summary>
internal sealed class PageEndpoint(string applicationName, CircuitControls? controls)
{
    private readonly byte[] _page = Render(applicationName, hasControls: false);
    private readonly byte[] _pageWithControls = Render(applicationName, hasControls: true);

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (WithSlash(context.Request) is { } address)
        {
            // Not with Redirect, to show that the address is relative.
            context.Response.StatusCode = StatusCodes.Status302Found;
            context.Response.Headers.Location = address;
            return;
        }

        var page = controls is not null && await controls.AllowsAsync(context).ConfigureAwait(false) ? _pageWithControls : _page;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = page.Length;
        await context.Response.BodyWriter.WriteAsync(page, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The address of the page with a slash at the end. Without the slash, a browser would look for its files one level higher.</summary>
    private static string? WithSlash(HttpRequest request)
    {
        var path = request.PathBase.Add(request.Path).ToUriComponent();
        return path.EndsWith('/') ? null : $"./{path[(path.LastIndexOf('/') + 1)..]}/{request.QueryString.ToUriComponent()}";
    }

    private static byte[] Render(string applicationName, bool hasControls)
    {
        var modules = Assets.Names.Where(name => name.EndsWith(".js", StringComparison.Ordinal))
            .Select(name => $"<link rel=\"modulepreload\" href=\"assets/{Assets.Version}/{name}\">");
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Assets.Get("page.html"))
            .Replace("{{modules}}", string.Join("\n  ", modules), StringComparison.Ordinal)
            .Replace("{{assets}}", $"assets/{Assets.Version}", StringComparison.Ordinal)
            .Replace("{{controls}}", hasControls ? "circuits" : "", StringComparison.Ordinal)
            .Replace("{{application}}", WebUtility.HtmlEncode(applicationName), StringComparison.Ordinal));
    }
}
