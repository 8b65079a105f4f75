using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Idempotency.Requests;

/// <summary>Who sends a request, where the application does not say it.</summary>
internal static class Principals
{
    // A user first, then a client without a user.
    private static readonly string[] Identifiers = [ClaimTypes.NameIdentifier, "sub", "client_id", "azp", "appid", ClaimTypes.Name, "name"];

    /// <summary>Scheme, issuer and identifier of each authenticated identity; <see langword="null"/> for an anonymous sender.</summary>
    /// <exception cref="InvalidOperationException">An authenticated identity has no identifier. To treat it as anonymous would let its users see each other's answers.</exception>
    public static string? Of(HttpContext context)
    {
        StringBuilder? principal = null;
        foreach (var identity in context.User.Identities.Where(identity => identity.IsAuthenticated))
        {
            var claim = Identifiers.Select(identity.FindFirst).FirstOrDefault(found => found is { Value.Length: > 0 }) ?? throw new InvalidOperationException(
                $"The user was authenticated by '{identity.AuthenticationType}', but has no claim that identifies it, such as sub or client_id. "
                + "Set PrincipalSelector in AddIdempotency(...) to say who sends a request.");
            principal ??= new();
            foreach (var part in new[] { identity.AuthenticationType ?? "", claim.Issuer, claim.Type, claim.Value })
            {
                principal.Append(part.Length).Append(':').Append(part);
            }
        }

        return principal?.ToString();
    }
}
