using System.Buffers;
using Microsoft.AspNetCore.Http;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.AspNetCore;

/// <summary>How an endpoint recognises repeated requests by their key (guide: "Idempotency: The Key to Safe Retries").</summary>
public sealed class IdempotentEndpointOptions
{
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The header with the key: a quoted string, as the IETF draft has it, or the same characters without quotes.</summary>
    /// <value>The name of a header; the default is <c>Idempotency-Key</c>.</value>
    public string KeyHeader { get; set; } = "Idempotency-Key";

    /// <summary>Whether a request without a key gets 400. If not, it is executed each time it comes.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool RequireKey { get; set; } = true;

    /// <summary>How long after its last renewal a claim counts as abandoned. The instance that executes the handler renews it, however long the handler takes.</summary>
    /// <value>A duration of 00:00:00.1000000 to 01:00:00; the default is 30 seconds.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the claim is renewed while the handler runs. At most half of <see cref="Lease"/>.</summary>
    /// <value>A duration of 00:00:00.0100000 to 00:30:00; the default is 10 seconds.</value>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer is kept, so that a repeated request gets it. At least <see cref="Lease"/>.</summary>
    /// <value>A duration of 00:00:01 to 365.00:00:00; the default is 1 day.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a repeated request waits for the answer of the one that runs, before it gets 409. Zero never waits.</summary>
    /// <value>A duration of 00:00:00 to 00:05:00; the default is zero.</value>
    public TimeSpan WaitForRunning { get; set; }

    /// <summary>What a request does that finds an abandoned claim.</summary>
    /// <value>ReExecute or RejectUnknown; the default is <see cref="AbandonedCallAction.ReExecute"/>.</value>
    public AbandonedCallAction OnAbandoned { get; set; }

    /// <summary>What a request does while the store does not answer.</summary>
    /// <value>DegradeLocal or Reject; the default is <see cref="StoreUnavailableAction.DegradeLocal"/>.</value>
    public StoreUnavailableAction OnStoreUnavailable { get; set; }

    /// <summary>After how long without an answer the store counts as unavailable. A store may have a shorter limit of its own.</summary>
    /// <value>A duration of 00:00:00.0100000 to 00:01:00; the default is 1 second.</value>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest request body. It is read before the handler runs, up to 64 KiB in memory and otherwise in a temporary file. A larger one gets 413.</summary>
    /// <value>A number of 0 to 1073741824, in bytes; the default is 4194304 (4 MiB).</value>
    public int MaxRequestSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The largest response body that is kept. It is held in memory until the handler ends. A larger one is sent as it comes, and a repeated request gets 409 instead of it.
    /// </summary>
    /// <value>A number of 0 to 67108864, in bytes; the default is 1048576 (1 MiB).</value>
    public int MaxResponseSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// Says who sends a request: a user, a client or a tenant. A key of one of them never leads to an answer for another. <see langword="null"/> from the function stands for all anonymous senders.
    /// </summary>
    /// <value>A function, or <see langword="null"/> for the identifiers of the authenticated user; the default is <see langword="null"/>.</value>
    public Func<HttpContext, string?>? PrincipalSelector { get; set; }

    internal IdempotentEndpointOptions Copy() => (IdempotentEndpointOptions)MemberwiseClone();

    internal IEnumerable<string?> Faults()
    {
        // What is compared with the lease needs a valid one.
        var lease = OptionFaults.Range(nameof(Lease), Lease, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        return
        [
            OptionFaults.Text(nameof(KeyHeader), KeyHeader, !string.IsNullOrEmpty(KeyHeader) && !KeyHeader.AsSpan().ContainsAnyExcept(Token), "the name of a header is expected"),
            lease,
            OptionFaults.Range(nameof(RenewInterval), RenewInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(30))
                ?? (lease is null && RenewInterval > Lease / 2 ? $"RenewInterval = {RenewInterval}: too long for a Lease of {Lease}, allowed is up to {Lease / 2}" : null),
            OptionFaults.Range(nameof(Retention), Retention, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365))
                ?? (lease is null && Retention < Lease ? $"Retention = {Retention}: shorter than the Lease of {Lease}" : null),
            OptionFaults.Range(nameof(WaitForRunning), WaitForRunning, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
            Enum.IsDefined(OnAbandoned) ? null : $"OnAbandoned = {OnAbandoned}: ReExecute or RejectUnknown is expected",
            Enum.IsDefined(OnStoreUnavailable) ? null : $"OnStoreUnavailable = {OnStoreUnavailable}: DegradeLocal or Reject is expected",
            OptionFaults.Range(nameof(StoreTimeout), StoreTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)),
            OptionFaults.Range(nameof(MaxRequestSize), MaxRequestSize, 0, 1024 * 1024 * 1024),
            OptionFaults.Range(nameof(MaxResponseSize), MaxResponseSize, 0, 64 * 1024 * 1024),
        ];
    }
}
