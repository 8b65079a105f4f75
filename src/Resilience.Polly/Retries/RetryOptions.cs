using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How often a failed attempt is repeated, and after which wait (guide: "Pattern 2: Retry Pattern").</summary>
/// <remarks>
/// Before attempt n the wait is <c>min(MinWait x Multiplier^(n-2), MaxWait)</c>, with <see cref="Jitter"/> plus a random
/// part of up to the same length, the sum never over <see cref="MaxWait"/>: 1-2 s, 2-4 s, 4-8 s with the defaults.
/// </remarks>
public sealed class RetryOptions
{
    internal static readonly SettingsBlock<RetryOptions> Settings = new SettingsBlock<RetryOptions>()
        .Add(nameof(MaxAttempts), Kinds.Attempts, o => o.MaxAttempts, (o, v) => o.MaxAttempts = v)
        .AddOptional(nameof(MaxConnectAttempts), Kinds.Attempts, o => o.MaxConnectAttempts, (o, v) => o.MaxConnectAttempts = v)
        .Add(nameof(Methods), Kinds.HttpMethods, o => o.Methods, (o, v) => o.Methods = v)
        .Add(nameof(MinWait), Kinds.Wait, o => o.MinWait, (o, v) => o.MinWait = v)
        .Add(nameof(MaxWait), Kinds.Wait, o => o.MaxWait, (o, v) => o.MaxWait = v)
        .Add(nameof(Multiplier), new NumberKind<double>(1, 100), o => o.Multiplier, (o, v) => o.Multiplier = v)
        .Add(nameof(Jitter), Kinds.Switch, o => o.Jitter, (o, v) => o.Jitter = v)
        .Add(nameof(UseRetryAfter), Kinds.Switch, o => o.UseRetryAfter, (o, v) => o.UseRetryAfter = v)
        .AddBlock(nameof(Budget), RetryBudgetOptions.Settings, o => o.Budget, (o, v) => o.Budget = v)
        .AddInCode((left, right) => left.DelayGenerator == right.DelayGenerator)
        .AddRule(o => o.MinWait > o.MaxWait ? new(nameof(MinWait), $"{o.MinWait:c}", $"is longer than MaxWait, which is {o.MaxWait:c}") : null)
        .AddPreset(nameof(RetryPresets.Conservative), () => RetryPresets.Conservative)
        .AddPreset(nameof(RetryPresets.Aggressive), () => RetryPresets.Aggressive);

    /// <summary>Attempts per call, the first one included; 1 means no retry.</summary>
    /// <value>A number of 1 to 100; the default is 3.</value>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// Attempts per call that may fail before anything is sent: the connection is refused, the name is not known, TLS or the proxy's tunnel fails, the connect timeout is over.
    /// Where it is set, these attempts are counted apart and take none of <see cref="MaxAttempts"/>; 1 means that such a failure is not retried.
    /// </summary>
    /// <value>A number of 1 to 100; the default is <see langword="null"/>: <see cref="MaxAttempts"/> counts every attempt.</value>
    public int? MaxConnectAttempts { get; set; }

    /// <summary>
    /// Over HTTP, the methods whose requests may be retried, such as <c>GET, HEAD, PUT</c>. It leaves methods out and allows none that the rules on idempotency refuse.
    /// A <see cref="CallRepetition"/> of the request or its client comes before it.
    /// </summary>
    /// <value>HTTP methods, separated by commas, in upper or lower case; the default is <see langword="null"/>: every method that the rules allow.</value>
    public string? Methods { get; set; }

    /// <summary>The wait before the second attempt, without jitter.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00, not over <see cref="MaxWait"/>; the default is 1 second.</value>
    public TimeSpan MinWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. If a server asks for a longer one with <c>Retry-After</c>, there are no further attempts.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 60 seconds.</value>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>By how much each wait is longer than the one before.</summary>
    /// <value>A number of 1 to 100; the default is 2.</value>
    public double Multiplier { get; set; } = 2.0;

    /// <summary>Adds a random part to each wait, so that the retries of many clients do not arrive together.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool Jitter { get; set; } = true;

    /// <summary>Whether the service sets the wait by <c>Retry-After</c>: it lengthens a wait, and one over <see cref="MaxWait"/> ends the retrying.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool UseRetryAfter { get; set; } = true;

    /// <summary>
    /// Gives the wait before the next attempt, in place of the backoff; <see langword="null"/> keeps the backoff. In code only. <c>Retry-After</c> still lengthens the wait
    /// while <see cref="UseRetryAfter"/> is set. A wait over <see cref="MaxWait"/> ends the retrying.
    /// </summary>
    /// <value>
    /// A function that returns a duration of 00:00:00 to 1.00:00:00, or <see langword="null"/>; the default is none. Many threads call it at once. If it throws, or returns another duration,
    /// the caller of the pipeline gets that exception. A delegate that captures a variable of the code that sets the options is another one after each reload, and counts as a change.
    /// </value>
    public Func<RetryDelayArguments, TimeSpan?>? DelayGenerator { get; set; }

    /// <summary>How many retries all calls of the pipeline may add together.</summary>
    /// <value>On, with 20 % of the calls and 10 retries a second.</value>
    public RetryBudgetOptions Budget { get; set; } = new();
}
