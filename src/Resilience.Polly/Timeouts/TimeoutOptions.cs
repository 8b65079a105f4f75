using System.ComponentModel;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How long a call may take, in the guide's four phases and as a whole (guide: "Pattern 1: Timeout Pattern").</summary>
/// <remarks>
/// <see cref="Connect"/>, <see cref="Read"/>, <see cref="Write"/> and <see cref="Pool"/> are phases of an HTTP attempt.
/// A delegate that is not HTTP has no phases: each of its attempts gets <see cref="Attempt"/> or, if that is not set, <see cref="Read"/>.
/// In code, you can switch a phase off with <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.
/// </remarks>
public sealed class TimeoutOptions
{
    internal static readonly SettingsBlock<TimeoutOptions> Settings = new SettingsBlock<TimeoutOptions>()
        .Add(nameof(Connect), TimeoutLimits.Phase, o => o.Connect, (o, v) => o.Connect = v)
        .Add(nameof(Read), TimeoutLimits.Phase, o => o.Read, (o, v) => o.Read = v)
        .Add(nameof(Write), TimeoutLimits.Phase, o => o.Write, (o, v) => o.Write = v)
        .Add(nameof(Pool), TimeoutLimits.Pool, o => o.Pool, (o, v) => o.Pool = v)
        .AddOptional(nameof(Attempt), Kinds.Limit, o => o.Attempt, (o, v) => o.Attempt = v)
        .AddOptional(nameof(Total), Kinds.Limit, o => o.Total, (o, v) => o.Total = v)
        .Add(nameof(ProgressiveStep), new NumberKind<double>(0, 10), o => o.ProgressiveStep, (o, v) => o.ProgressiveStep = v)
        .AddPreset(nameof(TimeoutPresets.HighLatency), () => TimeoutPresets.HighLatency)
        .AddPreset(nameof(TimeoutPresets.LowLatency), () => TimeoutPresets.LowLatency);

    /// <summary>Time to open a connection: name resolution, TCP and TLS.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00; the default is 10 seconds.</value>
    public TimeSpan Connect { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for the head of the answer once the request is sent, then for each piece of its body. The attempt timeout of a delegate that is not HTTP.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00; the default is 30 seconds.</value>
    public TimeSpan Read { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time without progress in sending a request with a body.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00; the default is 15 seconds.</value>
    public TimeSpan Write { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time to wait for a connection of the connection pool; zero means never to wait.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 5 seconds.</value>
    public TimeSpan Pool { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time for one whole attempt, whatever its phases. Takes precedence over <see cref="Read"/> for delegates that are not HTTP.
    /// If it is not set, an HTTP attempt that is not streamed has 100 seconds, like HttpClient.
    /// </summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00, or <see langword="null"/> for none; the default is <see langword="null"/>.</value>
    public TimeSpan? Attempt { get; set; }

    /// <summary>Time for the whole call: the wait for a slot, all attempts and the waits between them.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00, or <see langword="null"/> for none; the default is <see langword="null"/>.</value>
    public TimeSpan? Total { get; set; }

    /// <summary>
    /// How much longer each further attempt may take: attempt n gets 1 + step x (n - 1) times the timeout.
    /// 0.5 gives the guide's 1x, 1.5x, 2x (guide: "Progressive timeout strategy"). An attempt gets at most 1 day.
    /// </summary>
    /// <value>A number of 0 to 10; the default is 0.</value>
    public double ProgressiveStep { get; set; }

    /// <summary>The limit of an attempt that is not over HTTP, if its call does not set one.</summary>
    internal TimeSpan Usual => Attempt ?? Read;

    /// <summary>Makes each limit at least so long. An infinite one stays infinite.</summary>
    internal void Lengthen(TimeSpan least)
    {
        (Connect, Read, Write, Pool, Attempt) = (Longer(Connect), Longer(Read), Longer(Write), Longer(Pool), Longer(Attempt ?? least));
        Total = Total is { } total ? Longer(total) : null;

        TimeSpan Longer(TimeSpan limit) => limit < least && limit != System.Threading.Timeout.InfiniteTimeSpan ? least : limit;
    }

    /// <summary>A limit for one attempt: lengthened by <see cref="ProgressiveStep"/>, to at most 1 day.</summary>
    /// <param name="limit">The limit of the first attempt.</param>
    /// <param name="attempt">The number of the attempt, from 1.</param>
    /// <returns>The limit of that attempt; an infinite one stays infinite.</returns>
    /// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public TimeSpan ForAttempt(TimeSpan limit, int attempt)
    {
        if (ProgressiveStep == 0 || attempt <= 1 || limit == System.Threading.Timeout.InfiniteTimeSpan)
        {
            return limit;
        }

        var factor = 1 + (ProgressiveStep * (attempt - 1));
        return limit * factor < TimeoutLimits.Longest ? limit * factor : TimeoutLimits.Longest;
    }
}
