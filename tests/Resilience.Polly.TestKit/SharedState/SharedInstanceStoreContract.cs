using Xunit;

namespace Resilience.Polly.TestKit;

/// <summary>What every <see cref="ISharedInstanceStore"/> does. A test class for each store derives from it; each test has a store without instances.</summary>
public abstract class SharedInstanceStoreContract
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    /// <summary>The store of one test only.</summary>
    protected abstract ISharedInstanceStore Store { get; }

    /// <summary>A lifetime that ends when <see cref="PassAsync"/> is asked to pass it, and not in the time of a few commands.</summary>
    protected abstract TimeSpan Moment { get; }

    /// <summary>Lets at least this much time pass on the clock of the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>Another client of the same store, as another instance has it.</summary>
    protected virtual ISharedInstanceStore OpenOther() => Store;

    [Fact]
    public async Task Beat_tells_all_running_instances_in_order()
    {
        Assert.Equal(["b"], await Store.BeatAsync("b", Long));
        Assert.Equal(["B", "b"], await Store.BeatAsync("B", Long));
        Assert.Equal(["B", "a", "b"], await Store.BeatAsync("a", Long));
        Assert.Equal(["B", "a", "b"], await Store.BeatAsync("b", Long));
    }

    [Fact]
    public async Task Instance_runs_as_long_as_its_lifetime()
    {
        await Store.BeatAsync("a", Moment);
        Assert.Equal(["a", "b"], await Store.BeatAsync("b", Long));
        await PassAsync(Moment);

        Assert.Equal(["b"], await Store.BeatAsync("b", Long));
    }

    [Fact]
    public async Task Another_beat_prolongs_the_lifetime()
    {
        await Store.BeatAsync("a", Moment);
        await Store.BeatAsync("a", Long);
        await Store.BeatAsync("b", Moment);
        await PassAsync(Moment);

        Assert.Equal(["a", "c"], await Store.BeatAsync("c", Moment));
    }

    [Fact]
    public async Task Instance_that_leaves_is_gone()
    {
        await Store.BeatAsync("a", Long);
        await Store.BeatAsync("b", Long);

        await Store.LeaveAsync("a");
        await Store.LeaveAsync("nobody");

        Assert.Equal(["b"], await Store.BeatAsync("b", Long));
        Assert.Equal(["a", "b"], await Store.BeatAsync("a", Long));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a b\r\nc\0d")]
    [InlineData("{}*?[]:\"'\\%$KEYS[1]")]
    [InlineData("Ключ-键-🔑-é-e\u0301")]
    public async Task Name_may_have_any_characters(string text)
    {
        await Store.BeatAsync(text, Long);

        Assert.Equal(new[] { text, "z" }.Order(StringComparer.Ordinal), await Store.BeatAsync("z", Long));
    }

    [Fact]
    public async Task Racing_beats_lose_no_instance()
    {
        await Task.WhenAll(Enumerable.Range(10, 8).Select(racer => Task.Run(async () =>
        {
            var store = OpenOther();
            for (var beat = 0; beat < 20; beat++)
            {
                Assert.Contains($"{racer}", await store.BeatAsync($"{racer}", Long));
            }
        })));

        Assert.Equal(Enumerable.Range(10, 8).Select(racer => $"{racer}"), await Store.BeatAsync("10", Long));
    }

    [Fact]
    public async Task Cancelled_token_ends_a_command()
    {
        var cancelled = new CancellationToken(true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.BeatAsync("a", Long, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.LeaveAsync("a", cancelled));
        Assert.Equal(["b"], await Store.BeatAsync("b", Long));
    }
}
