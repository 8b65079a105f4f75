using Resilience.Polly.Http.Phases;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>
/// All orders of what can happen to a message. What is expected is told by a world of its own: who is at work on what. A limit
/// runs exactly if somebody in that world waits on the network.
/// </summary>
public class MessageStateTests
{
    private const int Depth = 8;

    [Fact]
    public void Limits_run_exactly_while_somebody_waits_in_all_orders_of_8_events()
    {
        var (visited, orders) = (new HashSet<(MessageState, World)>(), 0);
        foreach (var world in World.Beginnings)
        {
            Walk(default, world, []);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{orders} orders, {visited.Count} different situations");
        Assert.True(visited.Count > 40, "the walk has gone nowhere");

        void Walk(MessageState state, World world, List<Event> before)
        {
            visited.Add((state, world));
            Check(state, world, before);
            if (before.Count == Depth)
            {
                orders++;
                return;
            }

            foreach (var what in Enum.GetValues<Event>())
            {
                if (world.Allows(what))
                {
                    before.Add(what);
                    Walk(Next(state, what, world), world.After(what), before);
                    before.RemoveAt(before.Count - 1);
                }
            }
        }
    }

    [Fact]
    public void Limits_run_exactly_while_somebody_waits_in_random_orders()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var walk = 0; walk < 20_000; walk++)
        {
            var (state, world, before) = (default(MessageState), World.Beginnings[random.Next(World.Beginnings.Count)], new List<Event>());
            for (var step = 0; step < 40; step++)
            {
                var possible = Enum.GetValues<Event>().Where(world.Allows).ToArray();
                var what = possible[random.Next(possible.Length)];
                before.Add(what);
                (state, world) = (Next(state, what, world), world.After(what));
                Check(state, world, before, seed);
            }
        }
    }

    private static void Check(MessageState state, World world, List<Event> before, int? seed = null)
    {
        var told = $"seed {seed}; {world}; {string.Join(", ", before)} gave {state}";
        Assert.True(world.TransportWaitsToSend == state.WriteLimitRuns, $"write limit: {told}");
        Assert.True(world.SomebodyWaitsToReceive == state.ReadLimitRuns, $"read limit: {told}");
        Assert.True(!state.IsOver || (world.Over && world.Body is not (Body.Making or Body.Taken)), $"over too early: {told}");
    }

    private static MessageState Next(MessageState state, Event what, World world) => what switch
    {
        Event.Connected => state.Sent(world.HasBody, world.Expects),
        Event.TransportAsksForBody or Event.HandlerReadsBody => state.After(MessageEvent.BodyBegun),
        Event.PieceBegun or Event.Flushed => state.After(MessageEvent.PieceBegun),
        Event.PieceEnded => state.After(MessageEvent.PieceEnded),
        Event.BodyEnded => state.After(MessageEvent.BodyEnded),
        Event.BodyBroke => state.After(MessageEvent.BodyBroke),
        Event.Head => state.After(MessageEvent.Answered),
        Event.ReadBegun or Event.EmptyReadBegun => state.After(MessageEvent.ReadBegun),
        Event.ReadEnded => state.After(MessageEvent.ReadEnded),
        Event.EndOfAnswer or Event.Disposed => state.After(MessageEvent.AnswerEnded),
        _ => state,
    };

    internal enum Event
    {
        Connected,
        TransportAsksForBody,
        HandlerReadsBody,
        PieceBegun,
        Flushed,
        PieceEnded,
        BodyEnded,
        BodyBroke,
        Head,
        ReadBegun,
        EmptyReadBegun,
        ReadEnded,
        EndOfAnswer,
        Disposed,
        Abandoned,
    }

    internal enum Body
    {
        None,
        NotAskedFor,
        Making,
        Taken,
        Sent,
        Broken,
    }

    /// <summary>Who is at work on what.</summary>
    internal sealed record World(bool HasBody, bool Expects)
    {
        public static IReadOnlyList<World> Beginnings { get; } = [new(false, false), new(true, false), new(true, true)];

        public bool Connected { get; init; }

        public Body Body { get; init; } = HasBody ? Body.NotAskedFor : Body.None;

        public bool HasHead { get; init; }

        public bool Reading { get; init; }

        public bool Over { get; init; }

        /// <summary>The transport has a connection and bytes to send: those of the head, or of a piece; or it has lost the body and makes something of that.</summary>
        public bool TransportWaitsToSend => Body == Body.Taken
            || (Connected && !HasHead && (Body == Body.Broken || (Body == Body.NotAskedFor && !Expects)));

        /// <summary>The transport has sent all, or as much as it may before the server's word, and has no answer; or a reader reads.</summary>
        public bool SomebodyWaitsToReceive => Reading
            || (Connected && !HasHead && (Body is Body.None or Body.Sent || (Body == Body.NotAskedFor && Expects)));

        public bool Allows(Event what) => what switch
        {
            Event.Connected => !Connected,
            Event.TransportAsksForBody => Connected && HasBody && (HasHead
                ? Body == Body.NotAskedFor && Expects
                : Body is Body.NotAskedFor or Body.Sent or Body.Broken),
            Event.HandlerReadsBody => HasBody && (!Connected || Body is Body.Making or Body.Taken || (HasHead && !(Body == Body.NotAskedFor && Expects))),
            Event.PieceBegun or Event.Flushed => Body == Body.Making,
            Event.PieceEnded => Body == Body.Taken,
            Event.BodyEnded => Body == Body.Making,
            Event.BodyBroke => Body is Body.Making or Body.Taken,
            Event.Head => Connected && !HasHead,
            Event.ReadBegun or Event.EmptyReadBegun => HasHead && !Reading && !Over,
            Event.ReadEnded => Reading,
            Event.EndOfAnswer => HasHead && !Reading && !Over,
            Event.Disposed => HasHead && !Over,
            _ => true,
        };

        public World After(Event what) => what switch
        {
            Event.Connected => this with { Connected = true },
            Event.TransportAsksForBody or Event.PieceEnded => this with { Body = Body.Making },
            Event.PieceBegun or Event.Flushed => this with { Body = Body.Taken },
            Event.BodyEnded => this with { Body = Body.Sent },
            Event.BodyBroke => this with { Body = Body.Broken },
            Event.Head => this with { HasHead = true, Body = Body is Body.NotAskedFor && !Expects ? Body.Sent : Body },
            Event.ReadBegun or Event.EmptyReadBegun => this with { Reading = true },
            Event.ReadEnded => this with { Reading = false },
            Event.EndOfAnswer or Event.Disposed => this with { Over = true, Reading = false },
            _ => this,
        };
    }
}
