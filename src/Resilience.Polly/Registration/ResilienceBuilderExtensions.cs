using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Resilience.Polly;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds pipelines, listeners and classifiers.</summary>
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
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <remarks>An empty name, or one that was added before, is refused when the host starts.</remarks>
    public static IResilienceBuilder AddPipeline(this IResilienceBuilder builder, string name, Action<PipelineOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ResilienceServiceCollectionExtensions.FindSetup(builder.Services)!.CodePipelines.Add(new(name, configure ?? (_ => { })));
        return builder;
    }

    /// <summary>Adds a listener, a singleton that hears of every pipeline.</summary>
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
}
