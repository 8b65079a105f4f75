namespace Resilience.Polly.Http.Requests;

/// <summary>The data on a request message for the handler that makes the call.</summary>
/// <param name="Options">Options that differ from those of the client.</param>
/// <param name="RequestId">The id that the caller gave.</param>
/// <param name="FailsOnStatus">Whether a status other than success is a failure, as in <see cref="ResilientClient"/>, or an answer, as in HttpClient.</param>
/// <param name="ReadsWhole">Whether the caller gets a value and no answer. Then the body is always read inside the attempt.</param>
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

/// <summary>A message that holds the setup of its call in a field: a dictionary for one entry would cost more than the rest of it.</summary>
internal interface ICarriesSetup
{
    CallSetup? Setup { get; }
}

/// <summary>The message of a <see cref="ResilientClient"/>.</summary>
internal sealed class CallMessage(HttpMethod method, Uri uri, CallSetup setup) : HttpRequestMessage(method, uri), ICarriesSetup
{
    public CallSetup Setup => setup;
}
