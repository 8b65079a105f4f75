using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How HTTP calls carry an id, so that a server can recognise a repetition (guide: "Idempotency: The Key to Safe Retries").</summary>
public sealed class IdempotencyOptions
{
    internal static readonly SettingsBlock<IdempotencyOptions> Settings = new SettingsBlock<IdempotencyOptions>()
        .Add(nameof(ServerDeduplicates), Kinds.Switch, o => o.ServerDeduplicates, (o, v) => o.ServerDeduplicates = v)
        .Add(nameof(RequestIdHeader), Kinds.HeaderName, o => o.RequestIdHeader, (o, v) => o.RequestIdHeader = v!)
        .Add(nameof(KeyHeader), Kinds.HeaderName, o => o.KeyHeader, (o, v) => o.KeyHeader = v!)
        .Add(nameof(MaxRequestBufferSize), new NumberKind<int>(0, 1024 * 1024 * 1024), o => o.MaxRequestBufferSize, (o, v) => o.MaxRequestBufferSize = v)
        .AddRule(o => string.Equals(o.RequestIdHeader, o.KeyHeader, StringComparison.OrdinalIgnoreCase)
            ? new(nameof(KeyHeader), $"\"{o.KeyHeader}\"", "is also the RequestIdHeader, and the two have different forms")
            : null);

    /// <summary>
    /// Whether the service recognises a repeated request by its key. Then POST and PATCH are retried like any other
    /// method; otherwise only if the caller gave the request id, or if the request certainly never reached the service.
    /// </summary>
    /// <value>true or false; the default is <see langword="false"/>.</value>
    public bool ServerDeduplicates { get; set; }

    /// <summary>The header that carries the request id as it is.</summary>
    /// <value>The name of a header; the default is <c>X-Request-ID</c>.</value>
    public string RequestIdHeader { get; set; } = "X-Request-ID";

    /// <summary>The header that carries the request id as a quoted string, as the IETF draft on idempotency keys has it.</summary>
    /// <value>The name of a header; the default is <c>Idempotency-Key</c>.</value>
    public string KeyHeader { get; set; } = "Idempotency-Key";

    /// <summary>
    /// How much to keep of a request body that cannot be read twice, so that it can be sent again. A larger body is sent once. Zero keeps nothing.
    /// Bodies that give the same bytes each time, such as strings and byte arrays, need no copy and have no bound.
    /// </summary>
    /// <value>A number of 0 to 1073741824, in bytes; the default is 65536.</value>
    public int MaxRequestBufferSize { get; set; } = 64 * 1024;
}
