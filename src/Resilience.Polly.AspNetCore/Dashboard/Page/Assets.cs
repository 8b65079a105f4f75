using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Resilience.Polly.AspNetCore.Dashboard.Page;

/// <summary>The files of the page, embedded in the assembly. Their addresses contain a hash of all files, so a browser may keep them for ever.</summary>
internal static class Assets
{
    private const string Prefix = "dashboard/";

    private static readonly FrozenDictionary<string, byte[]> Files = Read();

    /// <summary>One hash for all files, not one for each, so that modules can import each other by their plain names.</summary>
    public static string Version { get; } = Hash();

    public static IEnumerable<string> Names => Files.Keys.Order(StringComparer.Ordinal);

    public static byte[] Get(string name) => Files[name];

    public static async Task HandleAsync(HttpContext context)
    {
        if (context.GetRouteValue("version") as string != Version
            || context.GetRouteValue("file") is not string name
            || !Files.TryGetValue(name, out var content)
            || TypeOf(name) is not { } type)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        await context.Response.BodyWriter.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
    }

    private static string? TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => null, // the page itself is no asset
    };

    private static FrozenDictionary<string, byte[]> Read()
    {
        var assembly = typeof(Assets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name =>
            {
                using var content = new MemoryStream();
                using var resource = assembly.GetManifestResourceStream(name)!;
                resource.CopyTo(content);
                return content.ToArray();
            });
    }

    private static string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in Names)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(Files[name]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
