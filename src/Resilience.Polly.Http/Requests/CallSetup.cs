namespace Resilience.Polly.Http.Requests;

/// <summary>What a request message brings along for the handler that makes a call of it.</summary>
/// <param name="Options">What the request wants otherwise.</param>
/// <param name="RequestId">The id that the caller gave.</param>
/// <param name="FailsOnStatus">Whether a status that is no success is a failure, as <see cref="ResilientClient"/> has it, or an answer, as HttpClient has it.</param>
/// <param name="ReadsWhole">Whether the caller gets a value and no answer, so that the body is read inside the attempt whatever else is said.</param>
internal sealed record CallSetup(ResilientRequestOptions? Options, string? RequestId, bool FailsOnStatus, bool ReadsWhole = false)
{
    private static readonly HttpRequestOptionsKey<CallSetup> Key = new("Resilience.Polly.Call");

    private static readonly CallSetup Plain = new(null, null, false);

    private static readonly CallSetup PlainFailing = new(null, null, true);

    private static readonly CallSetup PlainWhole = new(null, null, true, ReadsWhole: true);

    /// <summary>For a request of a <see cref="ResilientClient"/>.</summary>
    public static CallSetup Failing(ResilientRequestOptions? options, string? requestId, bool readsWhole = false) =>
        options is not null || requestId is not null ? new(options, requestId, true, readsWhole)
        : readsWhole ? PlainWhole
        : PlainFailing;

    public static CallSetup Of(HttpRequestMessage request) => request switch
    {
        ICarriesSetup { Setup: { } carried } => carried,
        _ => MessageOptions.MayHave(request) && request.Options.TryGetValue(Key, out var setup) ? setup : Plain,
    };

    public void AttachTo(HttpRequestMessage request) => request.Options.Set(Key, this);
}

/// <summary>A message that carries the setup of its call itself: a dictionary for one entry is more than the rest of it.</summary>
internal interface ICarriesSetup
{
    CallSetup? Setup { get; }
}

/// <summary>The message of a <see cref="ResilientClient"/>.</summary>
internal sealed class CallMessage(HttpMethod method, Uri uri, CallSetup setup) : HttpRequestMessage(method, uri), ICarriesSetup
{
    public CallSetup Setup => setup;
}
