using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Resilience.Polly;
using Resilience.Polly.AspNetCore;
using Resilience.Polly.AspNetCore.Dashboard;
using Resilience.Polly.AspNetCore.Dashboard.Access;
using Resilience.Polly.AspNetCore.Dashboard.Controls;
using Resilience.Polly.AspNetCore.Dashboard.Page;
using Resilience.Polly.AspNetCore.Dashboard.Streaming;
using Resilience.Polly.AspNetCore.Primitives;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds the dashboard to an application.</summary>
public static class ResilienceDashboardEndpointRouteBuilderExtensions
{
    /// <summary>Serves a page that shows the pipelines live (guide: "Monitor pattern behavior").</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path of the page; the default is <c>/resilience</c>.</param>
    /// <param name="configure">Sets the options; they are checked at once.</param>
    /// <returns>A builder for the page, its files, its data and its buttons together, so that one <c>RequireAuthorization</c> guards them all.</returns>
    /// <remarks>
    /// If neither the dashboard nor a group around it has <c>RequireAuthorization</c> or <c>AllowAnonymous</c>, it answers in the Development environment only. There it answers only
    /// requests from a loopback address to localhost, through no proxy and from no page of another origin. Others get 403 with the reason.
    /// A fallback policy does not count as an authorization. The page "Dashboard" of the documentation has the details.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> or <paramref name="pattern"/> is <see langword="null"/>.</exception>
    /// <exception cref="OptionsValidationException">The options have faults; all of them are listed.</exception>
    /// <exception cref="InvalidOperationException"><c>AddResilience</c> was not called, or something that <see cref="DashboardOptions.ControlPolicy"/> needs is missing.</exception>
    public static IEndpointConventionBuilder MapResilienceDashboard(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/resilience", Action<DashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var options = new DashboardOptions();
        configure?.Invoke(options);
        options.ThrowIfInvalid();

        var services = endpoints.ServiceProvider;
        var logger = services.GetService<ILoggerFactory>()?.CreateLogger(Log.Category) ?? NullLogger.Instance;
        var controls = options.ControlPolicy is { } policy ? CircuitControls.Of(policy, services, logger) : null;
        var environment = services.GetRequiredService<IHostEnvironment>();
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var stopping = lifetime.ApplicationStopping;
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var sampler = SamplerOf(services, options, clock, logger, stopping);
        lifetime.ApplicationStarted.Register(sampler.Start);

        var dashboard = new OpenDashboard();
        if (!environment.IsDevelopment())
        {
            lifetime.ApplicationStarted.Register(() => dashboard.WarnOf(services, environment.EnvironmentName, logger));
        }

        // Each request decides who may see its answer, so no output cache may keep one for others.
        var group = endpoints.MapGroup(pattern).WithMetadata(dashboard, new OutputCacheAttribute { NoStore = true });
        var gate = new AccessFilter(environment.IsDevelopment(), logger);
        group.MapGet("", gate.Before(new PageEndpoint(options.ApplicationName ?? environment.ApplicationName, controls).HandleAsync));
        group.MapGet("assets/{version}/{file}", gate.Before(Assets.HandleAsync));
        group.MapGet("stream", gate.Before(new StreamEndpoint(sampler, new(clock, logger), logger, stopping).HandleAsync)).DisableRequestTimeout();
        if (controls is not null)
        {
            var circuits = group.MapGroup("circuits").RequireAuthorization(new ButtonAuthorization(options.ControlPolicy!));
            circuits.MapGet("token", gate.Before(controls.IfAllowed(controls.GiveTokenAsync)));
            circuits.MapPost("isolate", gate.Before(controls.IfAllowed(controls.IsolateAsync)));
            circuits.MapPost("reset", gate.Before(controls.IfAllowed(controls.ResetAsync)));
        }

        return group;
    }

    private static Sampler SamplerOf(IServiceProvider services, DashboardOptions options, TimeProvider clock, ILogger logger, CancellationToken stopping)
    {
        var monitor = services.GetService<IResilienceMonitor>() ?? throw new InvalidOperationException(
            "There are no resilience pipelines to show: call builder.Services.AddResilience() before MapResilienceDashboard().");
        var sampler = new Sampler(monitor, services.GetRequiredService<IResilienceAdvisor>(), options, clock, logger);
        stopping.Register(sampler.Dispose);
        return sampler;
    }
}
