using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Whoever the header "User" names; "chief" may touch circuits, others may look.</summary>
internal sealed class Users(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Header = "User";
    public const string ControlPolicy = "ops-control";

    public static void Add(IServiceCollection services)
    {
        services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, Users>("Test", null);
        services.AddAuthorizationBuilder()
            .AddPolicy("ops", policy => policy.RequireAuthenticatedUser())
            .AddPolicy(ControlPolicy, policy => policy.RequireUserName("chief"));
        services.AddAntiforgery();
        services.AddDataProtection().UseEphemeralDataProtectionProvider(); // no keys in the home of whoever runs the tests
    }

    public static void MapWithButtons(WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapResilienceDashboard(configure: options => options.ControlPolicy = ControlPolicy);
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(Request.Headers[Header] is [{ Length: > 0 } name]
            ? AuthenticateResult.Success(new(new(new ClaimsIdentity([new(ClaimTypes.Name, name)], "Test")), "Test"))
            : AuthenticateResult.NoResult());
}
