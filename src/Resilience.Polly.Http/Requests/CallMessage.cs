namespace Resilience.Polly.Http.Requests;

/// <summary>The message of a <see cref="ResilientClient"/>.</summary>
internal sealed class CallMessage(HttpMethod method, Uri uri, CallSetup setup) : HttpRequestMessage(method, uri), ICarriesSetup
{
    public CallSetup Setup => setup;
}
