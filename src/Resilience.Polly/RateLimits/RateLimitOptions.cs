using System.Threading.RateLimiting;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How many attempts per period may reach the dependency, and whether all calls pause when it asks one of them to.</summary>
/// <remarks>Off unless <see cref="Permits"/>, <see cref="MaxCoolDown"/> or a limiter of the application is set.</remarks>
public sealed class RateLimitOptions
{
    internal static readonly SettingsBlock<RateLimitOptions> Settings = Create(new(1, 1_000_000));

    /// <summary>Attempts per <see cref="Per"/>, retries included.</summary>
    /// <value>A number of 1 to 1000000, or <see langword="null"/> for no limit; the default is <see langword="null"/>.</value>
    public int? Permits { get; set; }

    /// <summary>The time in which <see cref="Permits"/> come back, evenly spread over it: 10 per second are one every 100 ms.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00; the default is 1 second.</value>
    public TimeSpan Per { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts that may come at once after a quiet time. In any period at most this many begin, plus the permits that come back in it.</summary>
    /// <value>A number of 1 to 1000000, or <see langword="null"/> for as many as <see cref="Permits"/>; the default is <see langword="null"/>.</value>
    public int? Burst { get; set; }

    /// <summary>How long an attempt may wait for its permit; zero means never wait. An attempt that would wait longer fails at once.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 1 second.</value>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long one answer can pause the attempts of all calls. An HTTP 429 or 503 with <c>Retry-After</c> pauses them for the time that it asks for, but never
    /// longer than this. Zero switches it off.
    /// </summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is zero.</value>
    public TimeSpan MaxCoolDown { get; set; }

    /// <summary>The limiter of the application, instead of <see cref="Permits"/>.</summary>
    internal RateLimiter? Limiter { get; private set; }

    /// <summary>Whether an attempt may have to wait, or may be refused.</summary>
    internal bool IsOn => Permits is not null || Limiter is not null || CoolsDown;

    internal bool CoolsDown => MaxCoolDown > TimeSpan.Zero;

    /// <summary>Uses a limiter of the application instead of <see cref="Permits"/>, with one permit per attempt. In code only.</summary>
    /// <param name="limiter">
    /// Any limiter. Create it outside the delegate that sets the options, since that delegate runs again on each reload. Several pipelines may share one.
    /// The application disposes it. Its permits are held until the attempt ends.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="limiter"/> is <see langword="null"/>.</exception>
    public void Use(RateLimiter limiter)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        Limiter = limiter;
    }

    private static SettingsBlock<RateLimitOptions> Create(NumberKind<int> permits) => new SettingsBlock<RateLimitOptions>()
        .AddOptional(nameof(Permits), permits, o => o.Permits, (o, v) => o.Permits = v)
        .Add(nameof(Per), Kinds.Limit, o => o.Per, (o, v) => o.Per = v)
        .AddOptional(nameof(Burst), permits, o => o.Burst, (o, v) => o.Burst = v)
        .Add(nameof(MaxWait), Kinds.Wait, o => o.MaxWait, (o, v) => o.MaxWait = v)
        .Add(nameof(MaxCoolDown), Kinds.Wait, o => o.MaxCoolDown, (o, v) => o.MaxCoolDown = v)
        .AddInCode((left, right) => ReferenceEquals(left.Limiter, right.Limiter));
}
