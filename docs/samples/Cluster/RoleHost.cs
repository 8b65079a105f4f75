using Resilience.Polly.Redis;

namespace Cluster;

/// <summary>What the processes of the shop and of the payment service have in common.</summary>
internal static class RoleHost
{
    public static WebApplicationBuilder CreateBuilder(RoleSettings settings)
    {
        Parent.EndWithIt();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(settings.Address!);
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss.fff "));
        return builder;
    }

    /// <summary>How a process uses Redis.</summary>
    /// <param name="options">The options.</param>
    /// <param name="settings">The settings of the process.</param>
    /// <param name="application">The name of the application, whose processes share state.</param>
    public static void Configure(RedisOptions options, RoleSettings settings, string application)
    {
        options.KeyPrefix = application;
        options.InstanceName = $"{settings.Name}-{Environment.ProcessId}"; // another one after each kill
        options.CommandTimeout = TimeSpan.FromMilliseconds(500);           // Redis writes to its disk before it answers, on a machine that starts processes all the time
    }

    public static async Task<int> RunAsync(WebApplication app)
    {
        await app.RunAsync();
        return 0;
    }
}
