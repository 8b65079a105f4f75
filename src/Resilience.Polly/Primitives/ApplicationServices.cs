using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Resilience.Polly.Primitives;

/// <summary>What every part of the library takes from the application, where it has it: the clock, the log, and where it runs.</summary>
internal sealed class ApplicationServices(IServiceProvider services)
{
    public const string LogCategory = "Resilience.Polly";

    /// <summary>The container of the application, for what its own code asks for.</summary>
    public IServiceProvider Provider => services;

    public TimeProvider Clock { get; } = services.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <summary>Who reads the load; nobody in an application without <c>AddLoadShedding</c>.</summary>
    public ILoadReader? LoadReader { get; } = services.GetService<ILoadReader>();

    /// <summary>What the host calls its environment, such as Production; <see langword="null"/> where there is no host that says it.</summary>
    public string? Environment { get; } = services.GetService<IHostEnvironment>()?.EnvironmentName;

    /// <summary>For everything that the pipelines log; silent in an application without logging.</summary>
    public ILogger Logger { get; } = services.GetService<ILoggerFactory>()?.CreateLogger(LogCategory) ?? NullLogger.Instance;
}
