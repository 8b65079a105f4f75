using System.Collections.Concurrent;
using Polly.CircuitBreaker;
using Xunit;

namespace Resilience.Polly.TestKit;

/// <summary>What every <see cref="ISharedCircuitStore"/> does. A test class for each store derives from it.</summary>
public abstract class SharedCircuitStoreContract
{
    /// <summary>A time that does not pass in a test.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _circuit = $"contract-{Guid.NewGuid():N}";

    /// <summary>The store; of one test only, or shared with others under other names.</summary>
    protected abstract ISharedCircuitStore Store { get; }

    /// <summary>A time that ends when <see cref="PassAsync"/> is asked to pass it, and not in the time of a few commands.</summary>
    protected abstract TimeSpan Moment { get; }

    /// <summary>Lets at least this much time pass on the clock of the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>Makes the store forget everything, as a server does that restarts empty.</summary>
    protected abstract Task LoseDataAsync();

    /// <summary>Another client of the same store, as another instance has it.</summary>
    protected virtual ISharedCircuitStore OpenOther() => Store;

    /// <summary>Ends when the store sends messages to all subscribers.</summary>
    protected virtual Task ListeningAsync() => Task.CompletedTask;

    [Fact]
    public async Task Circuit_that_never_changed_is_closed_in_epoch_0()
    {
        var circuit = await SyncAsync(0, CircuitState.Closed);

        Assert.Equal((0, CircuitState.Closed, null, 0), (circuit.Epoch, circuit.State, circuit.BreakLeft, circuit.Breaks));
        Assert.Equal((null, null, false), (circuit.ChangedBy, circuit.Reason, circuit.HasProbe));
        Assert.Empty(circuit.Votes);
    }

    [Fact]
    public async Task Vote_below_the_quorum_is_counted_and_opens_nothing()
    {
        await VoteAsync("b", quorum: 3);

        var circuit = await VoteAsync("a", quorum: 3);

        Assert.Equal((0, CircuitState.Closed, null), (circuit.Epoch, circuit.State, circuit.BreakLeft));
        Assert.Equal(["a", "b"], circuit.Votes);
        Assert.Equal(["a", "b"], (await SyncAsync(0, CircuitState.Closed)).Votes);
    }

    [Fact]
    public async Task Vote_that_completes_the_quorum_opens_the_circuit_as_it_says()
    {
        await VoteAsync("a", quorum: 2, lasts: TimeSpan.FromMinutes(1));

        var circuit = await VoteAsync("b", quorum: 2, lasts: TimeSpan.FromSeconds(100), breaks: 4, reason: "refused");

        Assert.Equal((1, CircuitState.Open, 4), (circuit.Epoch, circuit.State, circuit.Breaks));
        Assert.Equal(("b", "refused"), (circuit.ChangedBy, circuit.Reason));
        Assert.InRange(circuit.BreakLeft!.Value, TimeSpan.FromSeconds(61), TimeSpan.FromSeconds(100));
        Assert.Empty(circuit.Votes);
        Equal(circuit, await SyncAsync(0, CircuitState.Closed));
    }

    [Fact]
    public async Task Votes_of_one_instance_count_once()
    {
        await VoteAsync("a", quorum: 2);
        var circuit = await VoteAsync("a", quorum: 2);

        Assert.Equal(CircuitState.Closed, circuit.State);
        Assert.Equal(["a"], circuit.Votes);
    }

    [Fact]
    public async Task Quorum_of_one_opens_with_one_vote() => Assert.Equal(CircuitState.Open, (await VoteAsync("a", quorum: 1)).State);

    [Fact]
    public async Task Vote_lasts_as_long_as_its_break()
    {
        await VoteAsync("a", quorum: 2, lasts: Moment);
        await PassAsync(Moment);

        var circuit = await VoteAsync("b", quorum: 2);

        Assert.Equal(CircuitState.Closed, circuit.State);
        Assert.Equal(["b"], circuit.Votes);
    }

    [Fact]
    public async Task Vote_on_an_open_circuit_changes_nothing()
    {
        var open = await OpenAsync();

        Equal(open, await VoteAsync("b", quorum: 1, epoch: open.Epoch + 3, reason: "other"));
    }

    [Fact]
    public async Task Vote_after_the_break_opens_the_circuit_again()
    {
        var open = await OpenAsync(Moment);
        await PassAsync(Moment);

        var circuit = await VoteAsync("b", quorum: 1, epoch: open.Epoch);

        Assert.Equal((open.Epoch + 1, CircuitState.Open, "b"), (circuit.Epoch, circuit.State, circuit.ChangedBy));
    }

    [Fact]
    public async Task Vote_continues_above_the_epoch_that_its_instance_knows() => Assert.Equal(8, (await VoteAsync("a", quorum: 1, epoch: 7)).Epoch);

    [Fact]
    public async Task Vote_below_the_quorum_raises_the_epoch_to_the_one_that_its_instance_knows()
    {
        var circuit = await VoteAsync("a", quorum: 2, epoch: 7);

        Assert.Equal((7, CircuitState.Closed, null, null), (circuit.Epoch, circuit.State, circuit.ChangedBy, circuit.Reason));
        Assert.Equal(["a"], circuit.Votes);
        Equal(circuit, await SyncAsync(7, CircuitState.Isolated));
        Assert.Equal(8, (await VoteAsync("b", quorum: 2, epoch: 3)).Epoch);
    }

    [Fact]
    public async Task Change_in_the_known_epoch_holds()
    {
        var open = await OpenAsync();

        var closed = await ChangeAsync(open.Epoch, CircuitState.Closed, instance: "b", reason: "probe succeeded");

        Assert.Equal((open.Epoch + 1, CircuitState.Closed, null, 0), (closed.Epoch, closed.State, closed.BreakLeft, closed.Breaks));
        Assert.Equal(("b", "probe succeeded"), (closed.ChangedBy, closed.Reason));
        Equal(closed, await SyncAsync(0, CircuitState.Closed));
    }

    [Fact]
    public async Task Change_in_an_older_epoch_does_nothing()
    {
        await OpenAsync();
        var open = await ChangeAsync(1, CircuitState.Open, Long);

        Equal(open, await ChangeAsync(1, CircuitState.Closed));
    }

    [Fact]
    public async Task Forced_change_holds_in_any_epoch()
    {
        await OpenAsync();
        await ChangeAsync(1, CircuitState.Open, Long);

        var circuit = await ChangeAsync(0, CircuitState.Isolated, isForced: true);

        Assert.Equal((3, CircuitState.Isolated, null), (circuit.Epoch, circuit.State, circuit.BreakLeft));
    }

    [Fact]
    public async Task Change_continues_above_the_epoch_that_its_instance_knows()
    {
        await OpenAsync();

        Assert.Equal(42, (await ChangeAsync(41, CircuitState.Closed)).Epoch);
        Assert.Equal(43, (await ChangeAsync(42, CircuitState.Open, Long)).Epoch);
        Assert.Equal(44, (await ChangeAsync(0, CircuitState.Closed, isForced: true)).Epoch);
    }

    [Fact]
    public async Task Change_removes_the_votes()
    {
        await VoteAsync("a", quorum: 2);

        await ChangeAsync(0, CircuitState.Closed);

        Assert.Equal(["b"], (await VoteAsync("b", quorum: 2)).Votes);
    }

    [Fact]
    public async Task Break_that_is_over_leaves_zero_and_the_state()
    {
        var open = await OpenAsync(Moment);
        await PassAsync(Moment);

        var circuit = await SyncAsync(open.Epoch, CircuitState.Open);

        Assert.Equal((open.Epoch, CircuitState.Open, TimeSpan.Zero), (circuit.Epoch, circuit.State, circuit.BreakLeft));
    }

    [Fact]
    public async Task Isolation_without_end_never_gives_a_probe()
    {
        var isolated = await ChangeAsync(0, CircuitState.Isolated);

        Assert.False((await ProbeAsync("p", isolated.Epoch)).HasProbe);
    }

    [Fact]
    public async Task Isolation_with_an_end_gives_a_probe_after_it()
    {
        var isolated = await ChangeAsync(0, CircuitState.Isolated, Moment);
        Assert.False((await ProbeAsync("p", isolated.Epoch)).HasProbe);
        await PassAsync(Moment);

        var circuit = await ProbeAsync("p", isolated.Epoch);

        Assert.Equal((CircuitState.Isolated, TimeSpan.Zero, true), (circuit.State, circuit.BreakLeft, circuit.HasProbe));
    }

    [Fact]
    public async Task Sync_with_an_older_epoch_reads_the_newer_state()
    {
        var open = await OpenAsync();

        Equal(open, await SyncAsync(open.Epoch - 1, CircuitState.Closed));
        Equal(open, await SyncAsync(open.Epoch, CircuitState.Closed));
    }

    [Theory]
    [InlineData(CircuitState.Open)]
    [InlineData(CircuitState.Closed)]
    [InlineData(CircuitState.Isolated)]
    public async Task Sync_after_data_loss_restores_what_the_instance_knows(CircuitState state)
    {
        var known = await ChangeAsync(6, state, state == CircuitState.Open ? Long : null);
        await LoseDataAsync();

        var circuit = await SyncAsync(known.Epoch, state, state == CircuitState.Open ? Long / 2 : null, breaks: 3, reason: "as it was");

        Assert.Equal((known.Epoch + 1, state, 3), (circuit.Epoch, circuit.State, circuit.Breaks));
        Assert.Equal(("a", "as it was"), (circuit.ChangedBy, circuit.Reason));
        Assert.Equal(state == CircuitState.Open, circuit.BreakLeft is { } left && left > Long / 4 && left <= Long / 2);
        Equal(circuit, await SyncAsync(known.Epoch, CircuitState.Closed));
    }

    [Fact]
    public async Task Old_epoch_after_data_loss_closes_no_newer_break()
    {
        await ChangeAsync(3, CircuitState.Open, Long);
        await LoseDataAsync();
        var open = await SyncAsync(4, CircuitState.Open, Long);

        Equal(open, await ChangeAsync(3, CircuitState.Closed));
        Equal(open, await ChangeAsync(4, CircuitState.Closed));
        Equal(open, await SyncAsync(4, CircuitState.Closed));
        Assert.False((await ProbeAsync("p", 4)).HasProbe);
    }

    [Fact]
    public async Task Probe_is_given_only_after_the_break()
    {
        var open = await OpenAsync(Moment);

        Assert.False((await ProbeAsync("p", open.Epoch)).HasProbe);
        await PassAsync(Moment);

        var circuit = await ProbeAsync("p", open.Epoch);
        Assert.Equal((open.Epoch, CircuitState.Open, true), (circuit.Epoch, circuit.State, circuit.HasProbe));
    }

    [Fact]
    public async Task Probe_is_not_given_in_another_epoch_or_for_a_closed_circuit()
    {
        var open = await LapsedAsync();

        Assert.False((await ProbeAsync("p", open.Epoch - 1)).HasProbe);
        Assert.False((await ProbeAsync("p", open.Epoch + 1)).HasProbe);
        var closed = await ChangeAsync(open.Epoch, CircuitState.Closed);
        Assert.False((await ProbeAsync("p", closed.Epoch)).HasProbe);
    }

    [Fact]
    public async Task Probe_belongs_to_one_owner_who_may_ask_again()
    {
        var open = await LapsedAsync();
        Assert.True((await ProbeAsync("p", open.Epoch)).HasProbe);

        Assert.False((await ProbeAsync("q", open.Epoch)).HasProbe);
        Assert.True((await ProbeAsync("p", open.Epoch)).HasProbe);
    }

    [Fact]
    public async Task Probe_goes_to_another_owner_after_its_lease()
    {
        var open = await LapsedAsync();
        await ProbeAsync("p", open.Epoch, Moment);
        Assert.False((await ProbeAsync("q", open.Epoch)).HasProbe);
        await PassAsync(Moment);

        Assert.True((await ProbeAsync("q", open.Epoch)).HasProbe);
        Assert.False((await ProbeAsync("p", open.Epoch)).HasProbe);
    }

    [Fact]
    public async Task Released_probe_is_free_and_only_its_owner_releases_it()
    {
        var open = await LapsedAsync();
        await ProbeAsync("p", open.Epoch);

        await Store.ReleaseProbeAsync(_circuit, "q");
        Assert.False((await ProbeAsync("q", open.Epoch)).HasProbe);
        await Store.ReleaseProbeAsync(_circuit, "p");
        Assert.True((await ProbeAsync("q", open.Epoch)).HasProbe);
        await Store.ReleaseProbeAsync(_circuit + " of nobody", "q");
    }

    [Fact]
    public async Task Change_ends_the_lease_of_the_probe()
    {
        var open = await LapsedAsync();
        await ProbeAsync("p", open.Epoch);

        var again = await ChangeAsync(open.Epoch, CircuitState.Open, TimeSpan.FromTicks(1));
        await PassAsync(Moment);

        Assert.True((await ProbeAsync("q", again.Epoch)).HasProbe);
    }

    [Fact]
    public async Task Of_8_racing_owners_one_gets_the_probe()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => OpenOther()).ToArray();
        var open = await LapsedAsync();
        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(stores.Select((store, racer) => Task.Run(async () => await store.TakeProbeAsync(_circuit, $"{racer}", open.Epoch, Long))));

            var winner = Assert.Single(Enumerable.Range(0, 8), racer => answers[racer].HasProbe);
            await Store.ReleaseProbeAsync(_circuit, $"{winner}");
        }
    }

    [Fact]
    public async Task Racing_votes_open_the_circuit_once()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => OpenOther()).ToArray();

        await Task.WhenAll(stores.Select((store, racer) => Task.Run(async () => await store.VoteAsync(_circuit, Vote($"{racer}", 3, Long, 0, 0, "race")))));

        var circuit = await SyncAsync(0, CircuitState.Closed);
        Assert.Equal((1, CircuitState.Open), (circuit.Epoch, circuit.State));
        Assert.Empty(circuit.Votes);
    }

    [Fact]
    public async Task Of_racing_changes_in_one_epoch_one_holds()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => OpenOther()).ToArray();
        var open = await OpenAsync();

        await Task.WhenAll(stores.Select((store, racer) => Task.Run(async () => await store.ChangeAsync(_circuit, Change($"{racer}", open.Epoch, CircuitState.Closed, null, 0, "race", false)))));

        Assert.Equal(open.Epoch + 1, (await SyncAsync(0, CircuitState.Closed)).Epoch);
    }

    [Fact]
    public async Task Subscriber_hears_every_change_in_the_order_of_the_epochs_and_nothing_else()
    {
        var heard = new ConcurrentQueue<(string Name, SharedCircuit Circuit)>();
        using (OpenOther().Subscribe((name, circuit) => heard.Enqueue((name, circuit))))
        {
            await ListeningAsync();
            var expected = new List<SharedCircuit>();
            await VoteAsync("a", quorum: 2);
            expected.Add(await VoteAsync("b", quorum: 2, lasts: TimeSpan.FromSeconds(100), breaks: 2, reason: "refused"));
            await VoteAsync("c", quorum: 2, epoch: 1);
            await ChangeAsync(0, CircuitState.Closed);
            expected.Add(await ChangeAsync(1, CircuitState.Closed));
            for (var epoch = 2; epoch < 30; epoch++)
            {
                expected.Add(await ChangeAsync(epoch, epoch % 2 == 0 ? CircuitState.Isolated : CircuitState.Closed));
            }

            expected.Add(await SyncAsync(99, CircuitState.Open, Long));
            await SyncAsync(99, CircuitState.Closed);
            await UntilAsync(() => heard.Any(one => one.Circuit.Epoch == 100));

            Assert.All(heard, one => Assert.Equal(_circuit, one.Name));
            Assert.Equal(expected.Select(circuit => circuit.Epoch), heard.Select(one => one.Circuit.Epoch));
            Assert.All(expected.Zip(heard), pair => Equal(pair.First, pair.Second.Circuit));
        }

        await ChangeAsync(100, CircuitState.Closed);
        Assert.Equal(100, heard.Last().Circuit.Epoch);
    }

    [Fact]
    public async Task Circuits_are_apart()
    {
        await OpenAsync();

        Assert.Equal(0, (await Store.SyncAsync(_circuit + "2", Change("a", 0, CircuitState.Closed, null, 0, "", false))).Epoch);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b\r\nc\0d")]
    [InlineData("{}*?[]:\"'\\%$KEYS[1]")]
    [InlineData("Ключ-键-🔑-é-e\u0301")]
    public async Task Names_and_reasons_may_have_any_characters(string text)
    {
        var (name, instance, reason) = (_circuit + text, "i" + text, text);
        var heard = new ConcurrentQueue<(string Name, SharedCircuit Circuit)>();
        using var subscription = Store.Subscribe((circuit, state) => heard.Enqueue((circuit, state)));
        await ListeningAsync();

        var voted = await Store.VoteAsync(name, Vote(instance, 2, Long, 0, 0, reason));
        Assert.Equal([instance], voted.Votes);
        var open = await Store.VoteAsync(name, Vote("i", text.Length == 0 ? 1 : 2, TimeSpan.FromMilliseconds(1), 0, 0, reason));

        Assert.Equal((CircuitState.Open, "i", reason), (open.State, open.ChangedBy, open.Reason));
        await UntilAsync(() => !heard.IsEmpty);
        Assert.Equal((name, reason), (heard.First().Name, heard.First().Circuit.Reason));
        await PassAsync(Moment);
        Assert.True((await Store.TakeProbeAsync(name, "p" + text, open.Epoch, Long)).HasProbe);
        Assert.False((await Store.TakeProbeAsync(name, "p" + text + " ", open.Epoch, Long)).HasProbe);
        Assert.Equal(2, (await Store.ChangeAsync(name, Change(instance, 1, CircuitState.Closed, null, 0, reason, false))).Epoch);
    }

    [Fact]
    public async Task Cancelled_token_ends_a_command()
    {
        var cancelled = new CancellationToken(true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.VoteAsync(_circuit, Vote("a", 1, Long, 0, 0, ""), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ChangeAsync(_circuit, Change("a", 0, CircuitState.Closed, null, 0, "", false), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.SyncAsync(_circuit, Change("a", 0, CircuitState.Closed, null, 0, "", false), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.TakeProbeAsync(_circuit, "p", 0, Long, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ReleaseProbeAsync(_circuit, "p", cancelled));
        Assert.Equal(0, (await SyncAsync(0, CircuitState.Closed)).Epoch);
    }

    private static SharedCircuitVote Vote(string instance, int quorum, TimeSpan lasts, long epoch, int breaks, string reason) =>
        new() { Instance = instance, Quorum = quorum, Break = lasts, Epoch = epoch, Breaks = breaks, Reason = reason };

    private static SharedCircuitChange Change(string instance, long epoch, CircuitState state, TimeSpan? lasts, int breaks, string reason, bool isForced) =>
        new() { Instance = instance, Epoch = epoch, State = state, Break = lasts, Breaks = breaks, Reason = reason, IsForced = isForced };

    /// <summary>The same circuit, a moment later.</summary>
    private static void Equal(SharedCircuit expected, SharedCircuit actual)
    {
        IReadOnlyList<string> none = [];
        Assert.Equal(expected with { BreakLeft = null, Votes = none, HasProbe = false }, actual with { BreakLeft = null, Votes = none, HasProbe = false });
        Assert.Equal(expected.Votes, actual.Votes);
        Assert.Equal(expected.BreakLeft is null, actual.BreakLeft is null);
        if (expected.BreakLeft is { } left)
        {
            Assert.InRange(actual.BreakLeft!.Value, left - Patience, left + TimeSpan.FromMilliseconds(2));
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private async Task<SharedCircuit> OpenAsync(TimeSpan? lasts = null) => await VoteAsync("a", quorum: 1, lasts: lasts);

    /// <summary>An open circuit whose break is over.</summary>
    private async Task<SharedCircuit> LapsedAsync()
    {
        var open = await OpenAsync(TimeSpan.FromMilliseconds(1));
        await PassAsync(TimeSpan.FromMilliseconds(2));
        return open;
    }

    private Task<SharedCircuit> VoteAsync(string instance, int quorum, TimeSpan? lasts = null, long epoch = 0, int breaks = 0, string reason = "failed") =>
        Store.VoteAsync(_circuit, Vote(instance, quorum, lasts ?? Long, epoch, breaks, reason)).AsTask();

    private Task<SharedCircuit> ChangeAsync(long epoch, CircuitState state, TimeSpan? lasts = null, bool isForced = false, string instance = "a", string reason = "changed") =>
        Store.ChangeAsync(_circuit, Change(instance, epoch, state, lasts, 0, reason, isForced)).AsTask();

    private Task<SharedCircuit> SyncAsync(long epoch, CircuitState state, TimeSpan? lasts = null, int breaks = 0, string reason = "synced") =>
        Store.SyncAsync(_circuit, Change("a", epoch, state, lasts, breaks, reason, false)).AsTask();

    private Task<SharedCircuit> ProbeAsync(string owner, long epoch, TimeSpan? lease = null) => Store.TakeProbeAsync(_circuit, owner, epoch, lease ?? Long).AsTask();
}
