using Resilience.Polly.Http.Calls;

namespace Resilience.Polly.Http.Clients;

/// <summary>The addresses of the requests of a <see cref="ResilientClient"/>. Part of an address may come from outside, and must not name another server.</summary>
internal sealed class ClientAddresses(string clientName, string pipelineName, HttpClient http, CurrentOptions settings)
{
    // Replaces a missing base address, so that a faulty address is reported before the missing base.
    private static readonly Uri Somewhere = new("http://base.invalid/");

    /// <exception cref="ArgumentException">The address is invalid, or names another server than the base address without saying so.</exception>
    /// <exception cref="InvalidOperationException">It is relative, and there is no base address.</exception>
    public Uri Of(string address)
    {
        // An absolute address begins with its scheme. .NET would skip spaces and add a missing slash.
        if (address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return Parse(address, from: null) is { Host.Length: > 0 } absolute
                ? absolute
                : throw new ArgumentException("The address is not valid.", nameof(address));
        }

        return Join(address);
    }

    public Uri Of(Uri? address) =>
        address is null ? Base() ?? throw NoBase()
        : address is { IsAbsoluteUri: true, Scheme: "http" or "https" } ? address
        : Join(address.OriginalString);

    private Uri Join(string address)
    {
        if (SchemeOf(address) is { } scheme)
        {
            throw new ArgumentException($"The scheme of the address is {scheme}; allowed are http and https.", nameof(address));
        }

        var from = Base();
        if (Parse(address, from ?? Somewhere) is not { } joined)
        {
            throw new ArgumentException("The address is not valid.", nameof(address));
        }

        // This checks the resulting address, not the text: two slashes can be written in too many ways to list.
        if (!IsSameServer(from ?? Somewhere, joined))
        {
            throw new ArgumentException(
                "The address is relative and would name another server, for example because it begins with two slashes. Use an absolute address, or one slash.", nameof(address));
        }

        return from is null ? throw NoBase() : joined;
    }

    // .NET parses a host on first use, and throws for some, such as one with only a mark for the direction of text.
    private static Uri? Parse(string address, Uri? from)
    {
        try
        {
            var isValid = from is null ? Uri.TryCreate(address, UriKind.Absolute, out var uri) : Uri.TryCreate(from, address, out uri);
            return isValid && uri!.IdnHost is not null ? uri : null;
        }
        catch (Exception fault) when (fault is UriFormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static bool IsSameServer(Uri from, Uri joined) =>
        joined.Scheme == from.Scheme
        && joined.Port == from.Port
        && joined.UserInfo == from.UserInfo
        && joined.IdnHost.Equals(from.IdnHost, StringComparison.OrdinalIgnoreCase);

    // On Unix "/orders" is also an absolute address, of a file, with a scheme that no one wrote.
    private static string? SchemeOf(string address) =>
        Parse(address, from: null) is { Scheme: not ("http" or "https") } absolute
        && address.AsSpan().TrimStart().StartsWith(absolute.Scheme + ":", StringComparison.OrdinalIgnoreCase)
            ? absolute.Scheme
            : null;

    // Read for each call, so a changed configuration reaches existing clients.
    private Uri? Base() => settings.Of(pipelineName).BaseAddress ?? http.BaseAddress;

    private InvalidOperationException NoBase() => new(
        $"The address is relative, and client '{clientName}' has no base address. " +
        $"Set BaseAddress of pipeline '{pipelineName}', or use an absolute address.");
}
