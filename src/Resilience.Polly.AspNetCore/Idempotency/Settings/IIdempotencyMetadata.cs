using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Settings;

/// <summary>Marks an endpoint. Outer marks come first: a group before its endpoint, a controller before its action.</summary>
internal interface IIdempotencyMetadata
{
    void Configure(IdempotentEndpointOptions options);
}

internal sealed class IdempotencyMetadata(Action<IdempotentEndpointOptions>? configure) : IIdempotencyMetadata
{
    public void Configure(IdempotentEndpointOptions options) => configure?.Invoke(options);
}

/// <summary>A marked endpoint with its options.</summary>
internal sealed record IdempotentEndpoint(string Name, IdempotentEndpointOptions Options)
{
    /// <exception cref="OptionsValidationException">The options have faults; all of them are listed.</exception>
    public static IdempotentEndpoint? Of(Endpoint endpoint, IdempotentEndpointOptions defaults)
    {
        var marks = endpoint.Metadata.GetOrderedMetadata<IIdempotencyMetadata>();
        if (marks.Count == 0)
        {
            return null;
        }

        var name = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "";
        return new(name, OptionsOf(marks, defaults, name));
    }

    /// <summary>The options of an endpoint, checked.</summary>
    public static IdempotentEndpointOptions OptionsOf(IReadOnlyList<IIdempotencyMetadata> marks, IdempotentEndpointOptions defaults, string name)
    {
        var options = defaults.Copy();
        foreach (var mark in marks)
        {
            mark.Configure(options);
        }

        OptionFaults.ThrowIfAny<IdempotentEndpointOptions>(name, OptionFaults.Found(options.Faults()).Select(fault => $"Idempotency of endpoint '{name}': {fault}"));
        return options;
    }

    /// <summary>Methods that change nothing need no key.</summary>
    public static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
