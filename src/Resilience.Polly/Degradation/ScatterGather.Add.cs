using Polly;
using Resilience.Polly.Degradation;

namespace Resilience.Polly;

#pragma warning disable CS1573 // the texts of the other parameters are inherited

/// <content>The forms of a part: with or without a pipeline; without a fallback, with a value, or with a delegate.</content>
public sealed partial class ScatterGather
{
    /// <summary>Adds a part without a fallback: if its call fails or is late, it has no value.</summary>
    /// <typeparam name="T">The type of its value.</typeparam>
    /// <param name="name">Its name, for <see cref="Degraded"/>.</param>
    /// <param name="call">The call. Its token is cancelled at the deadline.</param>
    /// <returns>The part; it has its value after <see cref="RunAsync"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or there is such a part already.</exception>
    /// <exception cref="InvalidOperationException">The parts were run before.</exception>
    public ScatterPart<T> Add<T>(string name, Func<CancellationToken, ValueTask<T>> call) =>
        Add(name, ResiliencePipeline.Empty, call);

    /// <summary>Adds a part with a value as its fallback.</summary>
    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}})"/>
    /// <param name="fallbackValue">The value. For a <see langword="null"/>, name the argument: <c>fallbackValue: null</c>.</param>
    public ScatterPart<T> Add<T>(string name, Func<CancellationToken, ValueTask<T>> call, T fallbackValue) =>
        Add(name, ResiliencePipeline.Empty, call, fallbackValue);

    /// <summary>Adds a part with a call as its fallback.</summary>
    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}})"/>
    /// <param name="fallback">The fallback. Its token is cancelled <see cref="FallbackGrace"/> after the deadline.</param>
    public ScatterPart<T> Add<T>(
        string name, Func<CancellationToken, ValueTask<T>> call, Func<CancellationToken, ValueTask<T>> fallback) =>
        Add(name, ResiliencePipeline.Empty, call, fallback);

    /// <summary>Adds a part with a call as its fallback, which receives the failure.</summary>
    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}})"/>
    /// <param name="fallback">The fallback. It receives <see cref="ScatterPart.Failure"/>. Its token is cancelled <see cref="FallbackGrace"/> after the deadline.</param>
    public ScatterPart<T> Add<T>(
        string name, Func<CancellationToken, ValueTask<T>> call, Func<Exception, CancellationToken, ValueTask<T>> fallback) =>
        Add(name, ResiliencePipeline.Empty, call, fallback);

    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}})"/>
    /// <param name="pipeline">The pipeline that the call goes through. Its exceptions degrade the part like any others.</param>
    public ScatterPart<T> Add<T>(string name, ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<T>> call) =>
        Add(name, new PartCall<T>(pipeline, call), null);

    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}}, T)"/>
    /// <param name="pipeline">The pipeline that the call goes through. Its exceptions degrade the part like any others.</param>
    public ScatterPart<T> Add<T>(string name, ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<T>> call, T fallbackValue) =>
        Add(name, new PartCall<T>(pipeline, call), new PartFallback<T>(fallbackValue));

    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}}, Func{CancellationToken, ValueTask{T}})"/>
    /// <param name="pipeline">The pipeline that the call goes through. Its exceptions degrade the part like any others.</param>
    public ScatterPart<T> Add<T>(
        string name, ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<T>> call, Func<CancellationToken, ValueTask<T>> fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return Add(name, pipeline, call, (_, token) => fallback(token));
    }

    /// <inheritdoc cref="Add{T}(string, Func{CancellationToken, ValueTask{T}}, Func{Exception, CancellationToken, ValueTask{T}})"/>
    /// <param name="pipeline">The pipeline that the call goes through. Its exceptions degrade the part like any others.</param>
    public ScatterPart<T> Add<T>(
        string name, ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<T>> call, Func<Exception, CancellationToken, ValueTask<T>> fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return Add(name, new PartCall<T>(pipeline, call), new PartFallback<T>(default, fallback));
    }
}
