using Resilience.Polly.Http;

namespace Storefront;

internal static class Gettings
{
    /// <summary>A GET through the pipeline of the client, for a part of a page.</summary>
    public static Func<CancellationToken, ValueTask<T>> Getting<T>(this ResilientClient client, string address) =>
        async token => (await client.GetJsonAsync<T>(address, cancellationToken: token))!;
}
