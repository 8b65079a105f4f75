using System.Net;

namespace Storefront;

/// <summary>One HTTP service on a free loopback port, with faults that can be switched on.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Service(WebApplication app, FaultSwitch faults)
    {
        _app = app;
        Faults = faults;
        Address = new Uri(app.Urls.Single());
    }

    public Uri Address { get; }

    public FaultSwitch Faults { get; }

    public static async Task<Service> StartAsync(Action<IEndpointRouteBuilder> map)
    {
        // The empty builder: the services must not use the settings and the logging of the shop.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();

        var app = builder.Build();
        var faults = new FaultSwitch();
        app.Use((context, next) => FaultMiddleware.InvokeAsync(context, next, faults));
        map(app);
        await app.StartAsync();
        return new Service(app, faults);
    }

    /// <summary>Ends once every request is done, also those whose client went away.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
