using System.Collections.Concurrent;
using Xunit;

namespace Resilience.Polly.TestKit;

/// <summary>What every <see cref="ISharedBulkheadStore"/> does. A test class for each store derives from it.</summary>
public abstract class SharedBulkheadStoreContract
{
    /// <summary>A lease that does not end in a test.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    /// <summary>Longer than a store remembers that an instance needs slots.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(2.5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _bulkhead = $"contract-{Guid.NewGuid():N}";

    private long _sequence;

    /// <summary>The store; of one test only, or shared with others under other names.</summary>
    protected abstract ISharedBulkheadStore Store { get; }

    /// <summary>A lease that ends when <see cref="PassAsync"/> is asked to pass it, and not in the time of a few commands.</summary>
    protected abstract TimeSpan Moment { get; }

    /// <summary>Lets at least this much time pass on the clock of the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>Another client of the same store, as another instance has it.</summary>
    protected virtual ISharedBulkheadStore OpenOther() => Store;

    /// <summary>Ends when the store sends messages to all subscribers.</summary>
    protected virtual Task ListeningAsync() => Task.CompletedTask;

    [Fact]
    public async Task Instance_holds_what_it_wants_if_that_is_free()
    {
        var slots = await HoldAsync("a", 3);

        Assert.Equal((3, false), (slots.Held, slots.AreScarce));
        Assert.Equal([new("a", 3)], slots.ByInstance);
    }

    [Fact]
    public async Task Instances_together_never_hold_more_than_the_limit()
    {
        await HoldAsync("a", 7);

        Assert.Equal(3, (await HoldAsync("b", 8)).Held);
        var slots = await HoldAsync("c", 1);

        Assert.Equal(0, slots.Held);
        Assert.Equal(new Dictionary<string, int> { ["a"] = 7, ["b"] = 3 }, slots.ByInstance);
    }

    [Fact]
    public async Task Slots_that_are_given_back_are_free()
    {
        await HoldAsync("a", 10);

        Assert.Equal(4, (await HoldAsync("a", 4)).Held);
        Assert.Equal(6, (await HoldAsync("b", 10)).Held);
        var none = await HoldAsync("a", 0);

        Assert.Equal(0, none.Held);
        Assert.Equal([new("b", 6)], none.ByInstance);
        Assert.Equal(10, (await HoldAsync("b", 10)).Held);
    }

    [Fact]
    public async Task Lower_limit_takes_nothing_from_its_holder()
    {
        await HoldAsync("a", 8);
        await HoldAsync("b", 2);

        Assert.Equal(8, (await HoldAsync("a", 9, limit: 5)).Held);
        Assert.Equal(2, (await HoldAsync("b", 4, limit: 5)).Held);
        Assert.Equal(2, (await HoldAsync("a", 2, limit: 5)).Held);
        Assert.Equal(3, (await HoldAsync("b", 4, limit: 5)).Held);
    }

    [Fact]
    public async Task Slots_of_an_instance_that_does_not_renew_are_free_after_its_lease()
    {
        await HoldAsync("a", 10, lease: Moment);
        Assert.Equal(0, (await HoldAsync("b", 5)).Held);
        await PassAsync(Moment);

        var slots = await HoldAsync("b", 5);

        Assert.Equal(5, slots.Held);
        Assert.Equal([new("b", 5)], slots.ByInstance);
        Assert.Equal(5, (await HoldAsync("a", 10)).Held);
    }

    [Fact]
    public async Task Renewed_lease_keeps_the_slots()
    {
        await HoldAsync("a", 10, lease: Moment);
        await HoldAsync("a", 10);
        await PassAsync(Moment);

        Assert.Equal(0, (await HoldAsync("b", 5)).Held);
    }

    [Fact]
    public async Task Older_request_that_comes_late_is_ignored()
    {
        await HoldAsync("a", 2, sequence: 7);

        Assert.Equal(2, (await HoldAsync("a", 9, sequence: 6)).Held);
        Assert.Equal(2, (await HoldAsync("a", 0, sequence: 6)).Held);
        await HoldAsync("a", 0, sequence: 8);
        Assert.Equal(0, (await HoldAsync("a", 9, sequence: 7)).Held);
        Assert.Equal(10, (await HoldAsync("b", 10)).Held);
    }

    [Fact]
    public async Task Slots_are_scarce_for_others_while_an_instance_needs_more_than_it_has()
    {
        await HoldAsync("a", 10);

        Assert.False((await HoldAsync("b", 1, needed: 1)).AreScarce);
        Assert.True((await HoldAsync("a", 10)).AreScarce);
        await HoldAsync("a", 9);
        Assert.Equal(1, (await HoldAsync("b", 1, needed: 1)).Held);
        Assert.False((await HoldAsync("a", 9)).AreScarce);
    }

    [Fact]
    public async Task Slots_that_are_wanted_but_not_needed_are_not_scarce()
    {
        await HoldAsync("a", 10);
        await HoldAsync("b", 5, needed: 0);

        Assert.False((await HoldAsync("a", 10)).AreScarce);
    }

    [Fact]
    public async Task Need_that_is_not_repeated_is_forgotten()
    {
        await HoldAsync("a", 10);
        await HoldAsync("b", 1, needed: 1);
        await PassAsync(Forgotten);

        Assert.False((await HoldAsync("a", 10)).AreScarce);
    }

    [Fact]
    public async Task Subscriber_hears_of_need_and_of_slots_that_come_free_for_it()
    {
        var heard = new ConcurrentQueue<string>();
        using (OpenOther().Subscribe(heard.Enqueue))
        {
            await ListeningAsync();
            await HoldAsync("a", 10);
            await HoldAsync("a", 9);
            await HoldAsync("a", 10);
            await HoldAsync("b", 1, needed: 0);
            await HoldAsync("b", 0);

            await HoldAsync("b", 1, needed: 1);
            await UntilAsync(() => heard.Count == 1);
            await HoldAsync("a", 9);
            await UntilAsync(() => heard.Count == 2);
            await HoldAsync("b", 1, needed: 1);
            await HoldAsync("a", 8);
            await HoldAsync("b", 2, needed: 2);
            await HoldAsync("c", 1, needed: 1);
            await UntilAsync(() => heard.Count == 3);

            Assert.All(heard, name => Assert.Equal(_bulkhead, name));
        }

        await HoldAsync("a", 0);
        Assert.Equal(3, heard.Count);
    }

    [Fact]
    public async Task Bulkheads_are_apart()
    {
        await HoldAsync("a", 10);

        Assert.Equal(10, (await HoldAsync("b", 10, bulkhead: _bulkhead + "2")).Held);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a b\r\nc\0d")]
    [InlineData("{}*?[]:\"'\\%$KEYS[1]")]
    [InlineData("Ключ-键-🔑-é-e\u0301")]
    public async Task Names_may_have_any_characters(string text)
    {
        var heard = new ConcurrentQueue<string>();
        using var subscription = Store.Subscribe(heard.Enqueue);
        await ListeningAsync();

        await HoldAsync("i" + text, 10, bulkhead: _bulkhead + text);
        var slots = await HoldAsync("i" + text + " ", 1, needed: 1, bulkhead: _bulkhead + text);

        Assert.Equal([new("i" + text, 10)], slots.ByInstance);
        await UntilAsync(() => !heard.IsEmpty);
        Assert.Equal([_bulkhead + text], heard);
    }

    [Fact]
    public async Task Eight_racing_instances_never_use_more_slots_than_the_limit()
    {
        const int Limit = 20;
        var seed = Environment.TickCount;
        var (used, most, sequences) = (0, 0, new long[8]);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(racer => Task.Run(async () =>
        {
            var (store, random, held) = (OpenOther(), new Random(seed + racer), 0);
            for (var step = 0; step < 150; step++)
            {
                var wanted = random.Next(0, 8);
                if (wanted < held)
                {
                    // What is given back is out of use before the store knows.
                    Interlocked.Add(ref used, wanted - held);
                    held = wanted;
                }

                var slots = await store.HoldAsync(_bulkhead, Request($"{racer}", ++sequences[racer], wanted, wanted, Limit, Long));
                Assert.InRange(slots.Held, held, wanted);
                Interlocked.Add(ref used, slots.Held - held);
                held = slots.Held;
                InterlockedMax(ref most, Volatile.Read(ref used));
                Assert.True(slots.ByInstance.Values.Sum() <= Limit, $"seed {seed}: the store gave {slots.ByInstance.Values.Sum()} of {Limit}");
            }
        })));

        Assert.True(most <= Limit, $"seed {seed}: {most} of {Limit} slots were in use");
        Assert.True(most > Limit / 2, $"seed {seed}: only {most} of {Limit} slots were ever in use");
    }

    [Fact]
    public async Task Cancelled_token_ends_a_command()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.HoldAsync(_bulkhead, Request("a", 1, 1, 1, 1, Long), new CancellationToken(true)));

        Assert.Empty((await HoldAsync("b", 0)).ByInstance);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private static SharedSlotsRequest Request(string instance, long sequence, int wanted, int needed, int limit, TimeSpan lease) =>
        new() { Instance = instance, Sequence = sequence, Wanted = wanted, Needed = needed, Limit = limit, Lease = lease };

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private Task<SharedSlots> HoldAsync(string instance, int wanted, int needed = 0, int limit = 10, TimeSpan? lease = null, long? sequence = null, string? bulkhead = null) =>
        Store.HoldAsync(bulkhead ?? _bulkhead, Request(instance, sequence ?? Interlocked.Increment(ref _sequence), wanted, needed, limit, lease ?? Long)).AsTask();
}
