using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Resilience.Polly;
using Resilience.Polly.Advisor.Rules;
using Resilience.Polly.Primitives;

#pragma warning disable CS1573 // the texts of the other parameters are inherited
#pragma warning disable RS0026 // the two overloads of AddPipeline differ in the parameters of the callback, so no call fits both

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds pipelines, queues, listeners and classifiers, and sets which advice prevents the start.</summary>
public static class ResilienceBuilderExtensions
{
    /// <summary>
    /// Adds a pipeline, or sets options of a configured one in code. Code wins over the configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the pipeline. Names ignore case.</param>
    /// <param name="configure">
    /// Sets the options. They already have the inherited and configured values. It runs again with every
    /// change of the configuration, so it should only set options. If omitted, the pipeline has the inherited and configured values.
    /// </param>
    /// <param name="basedOn">The pipeline whose settings this one starts from. If omitted, <c>BasedOn</c> in the configuration decides, or the pipeline starts from the defaults.</param>
    /// <param name="strategies">Adds strategies of Polly's or of the application around the call and around each attempt. It runs once, immediately.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    /// <remarks>An empty name, one that was added before, a base that does not exist, and strategies that cannot be built are refused when the host starts.</remarks>
    public static IResilienceBuilder AddPipeline(
        this IResilienceBuilder builder, string name, Action<PipelineOptions>? configure = null, string? basedOn = null,
        Action<PipelineStrategies>? strategies = null) =>
        Add(builder, name, configure is null ? null : (options, _) => configure(options), basedOn, strategies);

    /// <summary>Adds a pipeline whose settings need a service, such as options of the application.</summary>
    /// <param name="configure">
    /// Sets the options, and receives the root service provider. The options already have the inherited and configured values. It runs again with every
    /// change of the configuration, so it should only set options.
    /// </param>
    /// <inheritdoc cref="AddPipeline(IResilienceBuilder, string, Action{PipelineOptions}, string, Action{PipelineStrategies})"/>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/>, <paramref name="name"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static IResilienceBuilder AddPipeline(
        this IResilienceBuilder builder, string name, Action<PipelineOptions, IServiceProvider> configure, string? basedOn = null,
        Action<PipelineStrategies>? strategies = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(builder, name, configure, basedOn, strategies);
    }

    /// <summary>
    /// Adds a queue, or sets options of a configured one in code. Code wins over the configuration
    /// (guide: "Handling Bulkhead Saturation"). Inject it as <c>[FromKeyedServices("name")] RequestQueue</c>, or get it from
    /// <see cref="RequestQueueProvider"/>. Its workers run while the host runs.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the queue. Names ignore case.</param>
    /// <param name="configure">
    /// Sets the options. They already have the configured values. It runs again with every change of the configuration, so
    /// it should only set options. If omitted, the queue has the configured values.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    /// <remarks>An empty name, or one that was added before, is refused when the host starts.</remarks>
    public static IResilienceBuilder AddRequestQueue(this IResilienceBuilder builder, string name, Action<QueueOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ResilienceServiceCollectionExtensions.FindSetup(builder.Services)!.CodeQueues.Add(new(name, configure ?? (_ => { })));
        return builder;
    }

    /// <summary>Adds a listener, a singleton that gets the events of every pipeline.</summary>
    /// <typeparam name="TListener">The listener.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IResilienceBuilder AddListener<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TListener>(
        this IResilienceBuilder builder)
        where TListener : class, IResilienceListener
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IResilienceListener, TListener>());
        return builder;
    }

    /// <summary>Adds an existing listener.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="listener">The listener.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IResilienceBuilder AddListener(this IResilienceBuilder builder, IResilienceListener listener)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(listener);
        builder.Services.AddSingleton(listener);
        return builder;
    }

    /// <summary>
    /// Adds the load readings for load shedding, from Microsoft.Extensions.Diagnostics.ResourceMonitoring, and reads them once a second
    /// while the host runs (guide: "Load Shedding"). The block <c>LoadShedding</c> of a pipeline decides whether it sheds calls.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <remarks>If the application has registered its own <see cref="ILoadReader"/> before, that one is used.</remarks>
    public static IResilienceBuilder AddLoadShedding(this IResilienceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.All(service => service.ServiceType != typeof(ILoadReader)))
        {
            builder.Services.AddResourceMonitoring();
            builder.Services.AddSingleton<ILoadReader, ResourceMonitoringReader>();
        }

        return builder;
    }

    /// <summary>
    /// Shares state with other instances in the same process, for tests of an application that runs several. <c>CircuitBreaker:Shared</c> and <c>Bulkhead:Shared</c> of a pipeline
    /// decide what it shares. Instances in processes of their own share a Redis: <c>AddRedis</c> of the package Resilience.Polly.Redis.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="state">The state, which all instances get.</param>
    /// <param name="configure">Sets the name of this instance, and how it shares.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="state"/> is <see langword="null"/>.</exception>
    /// <remarks>Options out of their range prevent the start of the host, with an <see cref="OptionsValidationException"/> that lists all of them.</remarks>
    public static IResilienceBuilder AddSharedState(this IResilienceBuilder builder, InMemorySharedState state, Action<SharedStateOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(state);
        var options = new SharedStateOptions();
        configure?.Invoke(options);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<ISharedCircuitStore>(state);
        builder.Services.AddSingleton<ISharedBulkheadStore>(state);
        builder.Services.AddSingleton<ISharedInstanceStore>(state);
        builder.Services.AddSingleton<ISharedStateConnection>(state);
        return builder;
    }

    /// <summary>
    /// Makes the timeouts of all pipelines at least 1 hour long while a debugger is attached, in the environment Development only. So a breakpoint ends no call. Without this they do not change.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="isDebugging">Says whether a debugger is attached, when it is asked once a second; if omitted, <see cref="Debugger.IsAttached"/>.</param>
    /// <returns>The same builder. The last call counts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IResilienceBuilder LengthenTimeoutsWhileDebugging(this IResilienceBuilder builder, Func<bool>? isDebugging = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ResilienceServiceCollectionExtensions.FindSetup(builder.Services)!.IsDebugging = isDebugging ?? (static () => Debugger.IsAttached);
        return builder;
    }

    /// <summary>
    /// Treats advice like faulty settings. The host does not start with settings that earn it, and ignores as a whole a changed configuration
    /// that would earn it (guide: "Common Anti-Patterns to Avoid").
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="atLeast">The lowest severity that is refused; the default is <see cref="AdviceSeverity.Warning"/>.</param>
    /// <param name="except">Ids of advice that is known and accepted, such as <c>jitter-off</c>. It is still listed and logged.</param>
    /// <returns>The same builder. The last call counts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="atLeast"/> is none of the severities.</exception>
    /// <exception cref="ArgumentException"><paramref name="except"/> contains an unknown id; the message lists the known ones.</exception>
    public static IResilienceBuilder FailOnAdvice(
        this IResilienceBuilder builder, AdviceSeverity atLeast = AdviceSeverity.Warning, IEnumerable<string>? except = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!Enum.IsDefined(atLeast))
        {
            throw new ArgumentOutOfRangeException(nameof(atLeast), atLeast, $"Not one of {string.Join(", ", Enum.GetNames<AdviceSeverity>())}.");
        }

        string[] accepted = [.. except ?? []];
        foreach (var id in accepted)
        {
            if (!AdviceRules.Knows(id))
            {
                throw new ArgumentException($"'{id}' is not the id of an advice. Known ids are {string.Join(", ", AdviceRules.Ids)}.", nameof(except));
            }
        }

        ResilienceServiceCollectionExtensions.FindSetup(builder.Services)!.AdvicePolicy = new(atLeast, accepted);
        return builder;
    }

    /// <summary>Adds a classifier of failures for every pipeline.</summary>
    /// <typeparam name="TClassifier">The classifier.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IResilienceBuilder AddFailureClassifier<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TClassifier>(
        this IResilienceBuilder builder)
        where TClassifier : class, IFailureClassifier
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IFailureClassifier, TClassifier>());
        return builder;
    }

    private static IResilienceBuilder Add(
        IResilienceBuilder builder, string name, Action<PipelineOptions, IServiceProvider>? configure, string? basedOn, Action<PipelineStrategies>? strategies)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        var added = strategies is null ? null : new PipelineStrategies();
        strategies?.Invoke(added!);
        ResilienceServiceCollectionExtensions.FindSetup(builder.Services)!.CodePipelines.Add(new(name, basedOn, configure, added));
        return builder;
    }
}
