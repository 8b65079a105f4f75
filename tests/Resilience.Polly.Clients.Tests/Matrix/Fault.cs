namespace Resilience.Polly.Clients.Tests;

/// <summary>A way in which a service fails: what becomes of its healthy answer, by the number of the request from 1.</summary>
public sealed record Fault(string Name, Func<Answer, int, Reply> Break)
{
    private static readonly TimeSpan Wide = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The read limit of a pipeline. It is wide where a fault does not hang.</summary>
    public TimeSpan ReadLimit { get; private init; } = Wide;

    /// <summary>Whether the second request is answered well.</summary>
    public bool IsOnce => Name.EndsWith(" once", StringComparison.Ordinal);

    /// <summary>Whether only a limit ends a request.</summary>
    public bool Hangs => PlainTimeout != Wide;

    /// <summary>The timeout of a plain client.</summary>
    public TimeSpan PlainTimeout { get; private init; } = Wide;

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("none", (answer, _) => answer.Whole()),
        Once("reset once", _ => Reply.Reset),
        Once("close once", _ => Reply.Close),
        Once("reset in the body once", Cut),
        Once("hang once", _ => Reply.Silence).Hanging(),
        Once("stall in the body once", Stall).Hanging(),
        Once("503 once", _ => Reply.Status(503)),
        Once("429 with Retry-After once", _ => Reply.Status(429, "", ("Retry-After", "0"))),
        Once("500 once", _ => Reply.Status(500)),
        Always("slow body", Slow) with { ReadLimit = Pause * 8 },
        Always("reset", _ => Reply.Reset),
        Always("reset in the body", Cut),
        Always("hang", _ => Reply.Silence).Hanging(),
        Always("503", _ => Reply.Status(503)),
        Always("429 with Retry-After", _ => Reply.Status(429, "", ("Retry-After", "0"))),
        Always("500", _ => Reply.Status(500)),
        Always("400", _ => Reply.Status(400)),
        Always("404", _ => Reply.Status(404)),
    ];

    public static Fault Of(string name) => All.Single(fault => fault.Name == name);

    public override string ToString() => Name;

    private static Fault Once(string name, Func<Answer, Reply> reply) => new(name, (answer, number) => number == 1 ? reply(answer) : answer.Whole());

    private static Fault Always(string name, Func<Answer, Reply> reply) => new(name, (answer, _) => reply(answer));

    private static Reply Cut(Answer answer) => Reply.CutInBody(answer.Status, answer.Bytes, answer.Headers);

    private static Reply Stall(Answer answer) => Reply.StallInBody(answer.Status, answer.Bytes, answer.Headers);

    // Longer than the read limit as a whole, and far below it between two pieces.
    private static Reply Slow(Answer answer) => Reply.Paced(answer.Status, answer.Bytes, Pause, answer.Headers);

    private Fault Hanging() => this with { ReadLimit = Short, PlainTimeout = Short };
}
