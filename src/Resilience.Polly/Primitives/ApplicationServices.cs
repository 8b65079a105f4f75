using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Resilience.Polly.Primitives;

/// <summary>What the library takes from the application, if it is there: clock, log and environment.</summary>
internal sealed class ApplicationServices(IServiceProvider services)
{
    public const string LogCategory = "Resilience.Polly";

    /// <summary>The container of the application, for code of the application.</summary>
    public IServiceProvider Provider => services;

    public TimeProvider Clock { get; } = services.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <summary>The reader of the load; <see langword="null"/> in an application without <c>AddLoadShedding</c>.</summary>
    public ILoadReader? LoadReader { get; } = services.GetService<ILoadReader>();

    /// <summary>The host's name of its environment, such as Production; <see langword="null"/> if there is no host.</summary>
    public string? Environment { get; } = services.GetService<IHostEnvironment>()?.EnvironmentName;

    /// <summary>The log of all pipelines; silent in an application without logging.</summary>
    public ILogger Logger { get; } = services.GetService<ILoggerFactory>()?.CreateLogger(LogCategory) ?? NullLogger.Instance;
}
