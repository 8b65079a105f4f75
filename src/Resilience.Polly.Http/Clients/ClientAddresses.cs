using Resilience.Polly.Http.Calls;

namespace Resilience.Polly.Http.Clients;

/// <summary>Where the requests of a <see cref="ResilientClient"/> go. Part of an address may come from outside, and must not name another server.</summary>
internal sealed class ClientAddresses(string clientName, string pipelineName, HttpClient http, CurrentOptions settings)
{
    // Takes the place of a missing base address: a faulty address is reported before the missing base.
    private static readonly Uri Somewhere = new("http://base.invalid/");

    /// <exception cref="ArgumentException">The address is none, or names another server than the base address without saying so.</exception>
    /// <exception cref="InvalidOperationException">It is relative, and there is no base address.</exception>
    public Uri Of(string address)
    {
        // An absolute address says so from its first character. .NET would skip spaces and take a missing slash for granted.
        if (address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return Parse(address, from: null) is { Host.Length: > 0 } absolute
                ? absolute
                : throw new ArgumentException("The address is not a valid one.", nameof(address));
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
            throw new ArgumentException("The address is not a valid one.", nameof(address));
        }

        // The address that comes out is judged, and not the text: there are more ways to write two slashes than anybody lists.
        if (!IsSameServer(from ?? Somewhere, joined))
        {
            throw new ArgumentException(
                "The address is relative and would name another server, as one does that begins with two slashes. Give an absolute address, or one slash.", nameof(address));
        }

        return from is null ? throw NoBase() : joined;
    }

    // .NET parses a host when it is first asked for, and stumbles over some, such as one of nothing but a mark for the direction of text.
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

    // On Unix "/orders" is an absolute address too, of a file, and has no scheme that anybody wrote.
    private static string? SchemeOf(string address) =>
        Parse(address, from: null) is { Scheme: not ("http" or "https") } absolute
        && address.AsSpan().TrimStart().StartsWith(absolute.Scheme + ":", StringComparison.OrdinalIgnoreCase)
            ? absolute.Scheme
            : null;

    // Read with each call, so that a changed configuration reaches clients that are kept.
    private Uri? Base() => settings.Of(pipelineName).BaseAddress ?? http.BaseAddress;

    private InvalidOperationException NoBase() => new(
        $"The address is relative, and client '{clientName}' has no base address. " +
        $"Set BaseAddress of pipeline '{pipelineName}', or give an absolute address.");
}
