using Microsoft.Extensions.Http;

namespace Resilience.Polly.Http.Registration;

/// <summary>
/// The handlers of a client that bring strategies of their own, retries among them as a rule. Known by name, so that this package needs
/// no reference to theirs.
/// </summary>
internal static class OtherRetries
{
    private static readonly string[] TypeNames =
    [
        "Microsoft.Extensions.Http.Resilience.ResilienceHandler", // AddStandardResilienceHandler, AddResilienceHandler, hedging
        "Microsoft.Extensions.Http.PolicyHttpMessageHandler", // AddPolicyHandler, AddTransientHttpErrorPolicy
    ];

    /// <summary>The types of such handlers in the chain of a client, each once, outermost first.</summary>
    public static IReadOnlyList<string> In(HttpMessageHandlerBuilder builder) =>
        [.. builder.AdditionalHandlers.Concat(Inside(builder.PrimaryHandler)).Select(KnownType).OfType<string>().Distinct()];

    private static IEnumerable<DelegatingHandler> Inside(HttpMessageHandler? primary)
    {
        while (primary is DelegatingHandler handler)
        {
            yield return handler;
            primary = handler.InnerHandler;
        }
    }

    private static string? KnownType(DelegatingHandler handler)
    {
        for (var type = handler.GetType(); type is not null; type = type.BaseType)
        {
            if (TypeNames.Contains(type.FullName))
            {
                return handler.GetType().FullName;
            }
        }

        return null;
    }
}
