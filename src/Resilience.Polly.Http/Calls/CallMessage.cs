namespace Resilience.Polly.Http;

/// <summary>The message of a <see cref="ResilientClient"/>, which carries its setup itself: a dictionary for one entry is more than the rest of it.</summary>
internal sealed class CallMessage(HttpMethod method, Uri uri, CallSetup setup) : HttpRequestMessage(method, uri)
{
    public CallSetup Setup => setup;
}
