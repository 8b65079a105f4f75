using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Resilience.Polly;
using Resilience.Polly.Advisor.Rules;
using Resilience.Polly.Primitives;

#pragma warning disable RS0026 // the two forms of AddPipeline differ in the parameters of the callback, so that no call fits both

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds pipelines, queues, listeners and classifiers, and says which advice the application does not start with.</summary>
public static class ResilienceBuilderExtensions
{
    /// <summary>
    /// Adds a pipeline, or sets in code what the configuration does not say about one; code wins over the configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the pipeline. Names are compared without regard to case.</param>
    /// <param name="configure">
    /// Sets the options, which hold the inherited and configured values when it is called. It is called again with every
    /// change of the configuration, so it should only set options. Left out, the pipeline has the inherited and configured values.
    /// </param>
    /// <param name="basedOn">The pipeline whose settings this one starts from. Left out, a <c>BasedOn</c> in the configuration says it, or the pipeline starts from the defaults.</param>
    /// <param name="strategies">Adds strategies of Polly's or of the application around the call and around each attempt. Called once, at once.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    /// <remarks>An empty name, one that was added before, a base that does not exist, and strategies that cannot be built are refused when the host starts.</remarks>
    public static IResilienceBuilder AddPipeline(
        this IResilienceBuilder builder, string name, Action<PipelineOptions>? configure = null, string? basedOn = null,
        Action<PipelineStrategies>? strategies = null) =>
        Add(builder, name, configure is null ? null : (options, _) => configure(options), basedOn, strategies);

    /// <summary>Adds a pipeline whose settings need a service, such as options of the application.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the pipeline. Names are compared without regard to case.</param>
    /// <param name="configure">
    /// Sets the options, which hold the inherited and configured values when it is called, and gets the root service provider. It is called again with every
    /// change of the configuration, so it should only set options.
    /// </param>
    /// <param name="basedOn">The pipeline whose settings this one starts from. Left out, a <c>BasedOn</c> in the configuration says it, or the pipeline starts from the defaults.</param>
    /// <param name="strategies">Adds strategies of Polly's or of the application around the call and around each attempt. Called once, at once.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/>, <paramref name="name"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static IResilienceBuilder AddPipeline(
        this IResilienceBuilder builder, string name, Action<PipelineOptions, IServiceProvider> configure, string? basedOn = null,
        Action<PipelineStrategies>? strategies = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(builder, name, configure, basedOn, strategies);
    }

    /// <summary>
    /// Adds a queue, or sets in code what the configuration does not say about one; code wins over the configuration
    /// (guide: "Handling Bulkhead Saturation"). Inject it as <c>[FromKeyedServices("name")] RequestQueue</c>, or get it from
    /// <see cref="RequestQueueProvider"/>. Its workers run while the host runs.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the queue. Names are compared without regard to case.</param>
    /// <param name="configure">
    /// Sets the options, which hold the configured values when it is called. It is called again with every change of the configuration, so
    /// it should only set options. Left out, the queue has the configured values.
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

    /// <summary>Adds a listener that exists already.</summary>
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
    /// Brings the readings that load shedding goes by, from Microsoft.Extensions.Diagnostics.ResourceMonitoring, and reads them once a second
    /// while the host runs (guide: "Load Shedding"). Which pipelines shed calls is in their settings, in the block <c>LoadShedding</c>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <remarks>An <see cref="ILoadReader"/> that the application has registered before is used instead.</remarks>
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
    /// Treats advice like faulty settings: the host does not start with settings that earn it, and a changed configuration that would earn it
    /// is ignored as a whole (guide: "Common Anti-Patterns to Avoid").
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="atLeast">The least severity that is refused; the default is <see cref="AdviceSeverity.Warning"/>.</param>
    /// <param name="except">Ids of advice that is known and accepted, such as <c>jitter-off</c>. It is still listed and logged.</param>
    /// <returns>The same builder. Called again, the last call counts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="atLeast"/> is none of the severities.</exception>
    /// <exception cref="ArgumentException"><paramref name="except"/> holds what is the id of no advice; the message names those there are.</exception>
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
                throw new ArgumentException($"'{id}' is no advice. Known are {string.Join(", ", AdviceRules.Ids)}.", nameof(except));
            }
        }

        ResilienceServiceCollectionExtensions.FindSetup(builder.Services)!.AdvicePolicy = new(atLeast, accepted);
        return builder;
    }

    /// <summary>Adds an opinion on what is a failure, for every pipeline.</summary>
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
