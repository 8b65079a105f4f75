using System.Text;
using Xunit;

namespace Resilience.Polly.TestKit;

/// <summary>What every <see cref="IIdempotencyStore"/> does. A test class for each store derives from it.</summary>
public abstract class IdempotencyStoreContract
{
    /// <summary>A lease that does not end in a test.</summary>
    private static readonly TimeSpan LongLease = TimeSpan.FromHours(1);

    private static readonly byte[] Fingerprint = [0, 13, 10, 255, 34, 92, 128];

    private readonly string _key = $"contract-{Guid.NewGuid():N}";

    /// <summary>The store; of one test only, or shared with others under other keys.</summary>
    protected abstract IIdempotencyStore Store { get; }

    /// <summary>A lease or retention that ends when <see cref="PassAsync"/> is asked to pass it, and not in the time of a few commands.</summary>
    protected abstract TimeSpan ShortLease { get; }

    /// <summary>Lets at least this much time pass on the clock of the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public async Task Claim_of_a_free_entry_is_claimed()
    {
        var entry = await ClaimAsync("one");

        Assert.Equal((IdempotencyStatus.Claimed, 0), (entry.Status, entry.Result.Length));
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Claim_of_another_key_is_another_entry(string owner)
    {
        await ClaimAsync("one");

        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync(owner, key: _key + "0")).Status);
        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync(owner, key: _key.ToUpperInvariant())).Status);
    }

    [Fact]
    public async Task Claim_by_the_same_owner_again_is_claimed()
    {
        await ClaimAsync("one");

        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("one")).Status);
    }

    [Fact]
    public async Task Claim_by_the_same_owner_again_renews_the_lease()
    {
        await ClaimAsync("one", lease: ShortLease);

        await ClaimAsync("one", lease: LongLease);

        await PassAsync(ShortLease);
        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Claim_of_a_running_entry_tells_how_long_the_lease_lasts()
    {
        await ClaimAsync("one", lease: TimeSpan.FromSeconds(100));

        var entry = await ClaimAsync("two", takesAbandoned: true);

        Assert.Equal((IdempotencyStatus.Running, 0), (entry.Status, entry.Result.Length));
        Assert.InRange(entry.LeaseLeft, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(100));
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Claim_with_another_fingerprint_while_the_first_runs_is_a_mismatch(string owner)
    {
        await ClaimAsync("one");

        Assert.Equal(IdempotencyStatus.Mismatch, (await ClaimAsync(owner, fingerprint: [1])).Status);
        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("three")).Status);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Claim_with_another_fingerprint_after_completion_is_a_mismatch_without_the_result(string owner)
    {
        await ClaimAsync("one");
        await CompleteAsync("one", [1, 2, 3]);

        var entry = await ClaimAsync(owner, fingerprint: Fingerprint[..^1]);

        Assert.Equal((IdempotencyStatus.Mismatch, 0), (entry.Status, entry.Result.Length));
    }

    [Fact]
    public async Task Claim_with_another_fingerprint_after_the_lease_is_a_mismatch()
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Mismatch, (await ClaimAsync("two", fingerprint: [1], takesAbandoned: true)).Status);
        Assert.True(await RenewAsync("one"));
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Claim_of_a_completed_entry_gives_its_result(string owner)
    {
        await ClaimAsync("one");
        Assert.True(await CompleteAsync("one", [0, 10, 13, 255, 0]));

        var entry = await ClaimAsync(owner, takesAbandoned: true);

        Assert.Equal(IdempotencyStatus.Completed, entry.Status);
        Assert.Equal([0, 10, 13, 255, 0], entry.Result.ToArray());
    }

    [Fact]
    public async Task Result_may_be_empty()
    {
        await ClaimAsync("one");
        Assert.True(await CompleteAsync("one", []));

        var entry = await ClaimAsync("two");

        Assert.Equal((IdempotencyStatus.Completed, 0), (entry.Status, entry.Result.Length));
    }

    [Fact]
    public async Task Result_of_four_megabytes_comes_back_as_it_was()
    {
        var result = new byte[4 * 1024 * 1024];
        new Random(17).NextBytes(result);
        await ClaimAsync("one");
        Assert.True(await CompleteAsync("one", result));

        Assert.True((await ClaimAsync("two")).Result.Span.SequenceEqual(result));
    }

    [Fact]
    public async Task Result_is_kept_as_it_was_when_the_caller_changes_its_array()
    {
        byte[] result = [1, 2, 3];
        await ClaimAsync("one");
        await CompleteAsync("one", result);

        result[0] = 9;

        Assert.Equal([1, 2, 3], (await ClaimAsync("two")).Result.ToArray());
    }

    [Fact]
    public async Task Fingerprint_is_kept_as_it_was_when_the_caller_changes_its_array()
    {
        byte[] fingerprint = [1, 2, 3];
        await ClaimAsync("one", fingerprint: fingerprint);

        fingerprint[0] = 9;

        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", fingerprint: [1, 2, 3])).Status);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a b\r\nc\0d")]
    [InlineData("{}*?[]:\"'\\%$KEYS[1]")]
    [InlineData("Ключ-键-🔑-é-e\u0301")]
    public async Task Key_and_owner_may_have_any_characters(string text)
    {
        var (key, owner) = (_key + text, text);
        await ClaimAsync(owner, key: key);

        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync(owner + " ", key: key)).Status);
        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("other", key: key + " ")).Status);
        Assert.False(await Store.CompleteAsync(key, owner + " ", new byte[] { 1 }, LongLease));
        Assert.True(await Store.RenewAsync(key, owner, LongLease, isCommitted: false));
        Assert.True(await Store.CompleteAsync(key, owner, Encoding.UTF8.GetBytes(text), LongLease));
        Assert.Equal(text, Encoding.UTF8.GetString((await ClaimAsync("other", key: key)).Result.Span));
    }

    [Fact]
    public async Task Key_may_be_long()
    {
        var key = _key + new string('k', 2_000);
        await ClaimAsync("one", key: key + "a");

        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", key: key + "a")).Status);
        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("two", key: key + "b")).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Lapsed_claim_is_abandoned_unless_the_caller_takes_it(int taken)
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);

        var entry = await ClaimAsync("two", takesAbandoned: taken == 1);

        Assert.Equal(taken == 1 ? IdempotencyStatus.Claimed : IdempotencyStatus.Abandoned, entry.Status);
        Assert.False(entry.IsCommitted);
        Assert.Equal(taken == 1 ? IdempotencyStatus.Running : IdempotencyStatus.Abandoned, (await ClaimAsync("three")).Status);
    }

    [Fact]
    public async Task Renewed_claim_does_not_lapse()
    {
        await ClaimAsync("one", lease: ShortLease);
        Assert.True(await RenewAsync("one", LongLease));

        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Renewal_can_shorten_a_lease()
    {
        await ClaimAsync("one");
        Assert.True(await RenewAsync("one", ShortLease));

        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Renewal_revives_a_lapsed_claim_that_nobody_has_taken()
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);

        Assert.True(await RenewAsync("one"));

        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Same_owner_claims_its_lapsed_claim_again_even_if_it_takes_no_abandoned_ones()
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("one")).Status);
        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Owner_whose_claim_was_taken_can_do_nothing_with_it()
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);
        await ClaimAsync("two", takesAbandoned: true);

        Assert.False(await RenewAsync("one"));
        Assert.False(await RenewAsync("one", isCommitted: true));
        Assert.False(await CompleteAsync("one", [1]));
        Assert.False(await AbandonAsync("one"));
        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("one")).Status);

        Assert.True(await CompleteAsync("two", [2]));
        Assert.False(await CompleteAsync("one", [1]));
        Assert.False(await RenewAsync("one"));
        Assert.False(await AbandonAsync("one"));
        Assert.Equal([2], (await ClaimAsync("three")).Result.ToArray());
    }

    [Fact]
    public async Task Lapsed_claim_that_nobody_has_taken_can_be_completed()
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);

        Assert.True(await CompleteAsync("one", [1]));
        Assert.Equal(IdempotencyStatus.Completed, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Completing_again_changes_nothing()
    {
        await ClaimAsync("one");
        Assert.True(await CompleteAsync("one", [1]));

        Assert.True(await CompleteAsync("one", [2]));

        Assert.Equal([1], (await ClaimAsync("two")).Result.ToArray());
    }

    [Fact]
    public async Task Completed_entry_is_neither_renewed_nor_abandoned()
    {
        await ClaimAsync("one");
        await CompleteAsync("one", [1]);

        Assert.False(await RenewAsync("one"));
        Assert.False(await AbandonAsync("one"));
        Assert.Equal(IdempotencyStatus.Completed, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Abandoned_entry_is_free_for_any_request()
    {
        await ClaimAsync("one");

        Assert.True(await AbandonAsync("one"));

        Assert.False(await AbandonAsync("one"));
        Assert.False(await CompleteAsync("one", [1]));
        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("two", fingerprint: [1])).Status);
    }

    [Fact]
    public async Task Entry_that_does_not_exist_cannot_be_renewed_completed_or_abandoned()
    {
        Assert.False(await RenewAsync("one"));
        Assert.False(await CompleteAsync("one", [1]));
        Assert.False(await AbandonAsync("one"));
        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("two", fingerprint: [1])).Status);
    }

    [Fact]
    public async Task Committed_claim_is_never_taken()
    {
        await ClaimAsync("one", lease: ShortLease);
        Assert.True(await RenewAsync("one", ShortLease, isCommitted: true));
        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", takesAbandoned: true)).Status);
        await PassAsync(ShortLease);

        var entry = await ClaimAsync("two", takesAbandoned: true);

        Assert.Equal((IdempotencyStatus.Abandoned, true), (entry.Status, entry.IsCommitted));
        Assert.True((await ClaimAsync("two")).IsCommitted);
    }

    [Fact]
    public async Task Committed_claim_stays_so_when_it_is_renewed_or_claimed_again()
    {
        await ClaimAsync("one");
        await RenewAsync("one", isCommitted: true);
        await ClaimAsync("one");
        await RenewAsync("one", ShortLease);
        await PassAsync(ShortLease);

        Assert.True((await ClaimAsync("two", takesAbandoned: true)).IsCommitted);
        Assert.True(await CompleteAsync("one", [1]));
    }

    [Fact]
    public async Task Claim_that_was_taken_begins_uncommitted()
    {
        await ClaimAsync("one", lease: ShortLease);
        await PassAsync(ShortLease);
        await ClaimAsync("two", lease: ShortLease, takesAbandoned: true);
        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("three", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Result_is_kept_as_long_as_its_retention_and_not_as_that_of_the_claim()
    {
        await ClaimAsync("one", lease: ShortLease, retention: ShortLease);
        await CompleteAsync("one", [1], LongLease);
        await PassAsync(ShortLease);
        Assert.Equal(IdempotencyStatus.Completed, (await ClaimAsync("two", takesAbandoned: true)).Status);

        await ClaimAsync("one", key: _key + "short");
        await Store.CompleteAsync(_key + "short", "one", new byte[] { 1 }, ShortLease);
        await PassAsync(ShortLease);
        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("two", key: _key + "short", fingerprint: [1])).Status);
    }

    [Fact]
    public async Task Claim_that_nobody_completes_is_forgotten_after_its_retention()
    {
        await ClaimAsync("one", lease: ShortLease / 2, retention: ShortLease);
        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Claimed, (await ClaimAsync("two", fingerprint: [1])).Status);
        Assert.False(await CompleteAsync("one", [1]));
    }

    [Fact]
    public async Task Claim_lasts_as_long_as_its_lease_if_the_retention_is_shorter()
    {
        await ClaimAsync("one", lease: LongLease, retention: ShortLease);
        await PassAsync(ShortLease);

        Assert.Equal(IdempotencyStatus.Running, (await ClaimAsync("two", takesAbandoned: true)).Status);
    }

    [Fact]
    public async Task Renewal_prolongs_the_retention_of_a_claim()
    {
        await ClaimAsync("one", lease: ShortLease, retention: ShortLease * 4);
        await PassAsync(ShortLease * 3);
        Assert.True(await RenewAsync("one", ShortLease));
        await PassAsync(ShortLease * 2);

        Assert.Equal(IdempotencyStatus.Abandoned, (await ClaimAsync("two")).Status);
    }

    [Fact]
    public async Task Of_50_racing_claims_exactly_one_is_claimed()
    {
        for (var round = 0; round < 20; round++)
        {
            var key = $"{_key}-{round}";
            var entries = await Task.WhenAll(Enumerable.Range(0, 50).Select(owner => Task.Run(async () => await ClaimAsync($"{owner}", key: key, takesAbandoned: true))));

            Assert.Single(entries, entry => entry.Status == IdempotencyStatus.Claimed);
            Assert.Equal(49, entries.Count(entry => entry.Status == IdempotencyStatus.Running));
        }
    }

    [Fact]
    public async Task Of_50_racing_claims_on_a_lapsed_one_exactly_one_takes_it()
    {
        await ClaimAsync("dead", lease: ShortLease);
        await PassAsync(ShortLease);

        var entries = await Task.WhenAll(Enumerable.Range(0, 50).Select(owner => Task.Run(async () => await ClaimAsync($"{owner}", takesAbandoned: true))));

        Assert.Single(entries, entry => entry.Status == IdempotencyStatus.Claimed);
    }

    [Fact]
    public async Task Of_racing_completions_and_takeovers_one_owner_wins()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = $"{_key}-{round}";
            await ClaimAsync("0", key: key, lease: ShortLease / 10);
            await PassAsync(ShortLease / 10);
            var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(owner => Task.Run(async () =>
            {
                var isMine = owner == 0 || (await ClaimAsync($"{owner}", key: key, takesAbandoned: true)).Status == IdempotencyStatus.Claimed;
                return isMine && await Store.CompleteAsync(key, $"{owner}", new[] { (byte)owner }, LongLease) ? owner : -1;
            })));

            var winner = Assert.Single(results, owner => owner >= 0);
            Assert.Equal([(byte)winner], (await ClaimAsync("reader", key: key)).Result.ToArray());
        }
    }

    [Fact]
    public async Task Cancelled_token_ends_a_command()
    {
        var cancelled = new CancellationToken(true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ClaimAsync(_key, Claim("one", LongLease, LongLease, Fingerprint, false), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.RenewAsync(_key, "one", LongLease, false, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.CompleteAsync(_key, "one", new byte[] { 1 }, LongLease, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.AbandonAsync(_key, "one", cancelled));
    }

    [Fact]
    public async Task Wrong_argument_is_refused_with_its_name()
    {
        await RefusedAsync("key", () => ClaimAsync("one", key: ""));
        await RefusedAsync("claim", () => ClaimAsync(""));
        await RefusedAsync("claim", () => ClaimAsync("one", lease: TimeSpan.Zero));
        await RefusedAsync("claim", () => ClaimAsync("one", retention: TimeSpan.Zero));
        await RefusedAsync("key", async () => await Store.RenewAsync("", "one", LongLease, false));
        await RefusedAsync("owner", () => RenewAsync(""));
        await RefusedAsync("lease", () => RenewAsync("one", TimeSpan.FromSeconds(-1)));
        await RefusedAsync("key", async () => await Store.CompleteAsync("", "one", new byte[] { 1 }, LongLease));
        await RefusedAsync("owner", () => CompleteAsync("", [1]));
        await RefusedAsync("retention", () => CompleteAsync("one", [1], TimeSpan.Zero));
        await RefusedAsync("key", async () => await Store.AbandonAsync("", "one"));
        await RefusedAsync("owner", () => AbandonAsync(""));
    }

    private static async Task RefusedAsync(string argument, Func<Task> command) =>
        Assert.Equal(argument, (await Assert.ThrowsAnyAsync<ArgumentException>(command)).ParamName);

    private static IdempotencyClaim Claim(string owner, TimeSpan lease, TimeSpan retention, byte[] fingerprint, bool takesAbandoned) =>
        new() { Owner = owner, Fingerprint = fingerprint, Lease = lease, Retention = retention, TakesAbandoned = takesAbandoned };

    private Task<IdempotencyEntry> ClaimAsync(
        string owner, TimeSpan? lease = null, TimeSpan? retention = null, byte[]? fingerprint = null, bool takesAbandoned = false, string? key = null) =>
        Store.ClaimAsync(key ?? _key, Claim(owner, lease ?? LongLease, retention ?? LongLease, fingerprint ?? Fingerprint, takesAbandoned)).AsTask();

    private Task<bool> RenewAsync(string owner, TimeSpan? lease = null, bool isCommitted = false) => Store.RenewAsync(_key, owner, lease ?? LongLease, isCommitted).AsTask();

    private Task<bool> CompleteAsync(string owner, byte[] result, TimeSpan? retention = null) => Store.CompleteAsync(_key, owner, result, retention ?? LongLease).AsTask();

    private Task<bool> AbandonAsync(string owner) => Store.AbandonAsync(_key, owner).AsTask();
}
