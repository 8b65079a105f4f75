using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Idempotency;

/// <summary>The store in memory keeps the contract of all stores.</summary>
public class InMemoryIdempotencyStoreContractTests : IdempotencyStoreContract
{
    private readonly TestClock _clock = new();

    public InMemoryIdempotencyStoreContractTests() => Store = new InMemoryIdempotencyStore(timeProvider: _clock);

    protected override IIdempotencyStore Store { get; }

    protected override TimeSpan ShortLease => TimeSpan.FromSeconds(1);

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}

/// <summary>The bounds of the store in memory.</summary>
public sealed class InMemoryIdempotencyStoreTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly LogRecorder _log = new("Resilience.Polly.InMemoryIdempotencyStore");

    [Fact]
    public async Task Full_store_forgets_the_oldest_results_first_and_never_a_claim()
    {
        var store = Store(maxEntries: 3);
        await ClaimAsync(store, "running");
        await ClaimAsync(store, "older");
        await ClaimAsync(store, "newer");
        await CompleteAsync(store, "newer");
        await CompleteAsync(store, "older");

        await ClaimAsync(store, "next");

        Assert.Equal(3, store.Count);
        Assert.Equal(IdempotencyStatus.Running, await ClaimAsync(store, "running", "other"));
        Assert.Equal(IdempotencyStatus.Completed, await ClaimAsync(store, "older", "other"));
        Assert.Equal(IdempotencyStatus.Claimed, await ClaimAsync(store, "newer", "other"));
        Assert.Equal(IdempotencyStatus.Running, await ClaimAsync(store, "running", "other"));
    }

    [Fact]
    public async Task Store_full_of_claims_is_unavailable_until_one_ends()
    {
        var store = Store(maxEntries: 2);
        await ClaimAsync(store, "a");
        await ClaimAsync(store, "b");

        await Assert.ThrowsAsync<SharedStateUnavailableException>(() => ClaimAsync(store, "c"));

        Assert.Equal(IdempotencyStatus.Claimed, await ClaimAsync(store, "a"));
        Assert.True(await store.AbandonAsync("a", "owner"));
        Assert.Equal(IdempotencyStatus.Claimed, await ClaimAsync(store, "c"));
    }

    [Fact]
    public async Task Results_never_need_more_than_the_bound_in_bytes()
    {
        var store = Store(maxBytes: 1024 * 1024);
        for (var i = 0; i < 10; i++)
        {
            await ClaimAsync(store, $"{i}");
            Assert.True(await CompleteAsync(store, $"{i}", 300 * 1024));
        }

        Assert.Equal(3, store.Count);
        Assert.Equal(IdempotencyStatus.Completed, await ClaimAsync(store, "7"));
        Assert.Equal(IdempotencyStatus.Claimed, await ClaimAsync(store, "6"));
    }

    [Fact]
    public async Task Result_that_can_never_be_kept_is_refused_and_nothing_is_forgotten_for_it()
    {
        var store = Store(maxBytes: 1024 * 1024);
        await ClaimAsync(store, "b");
        await CompleteAsync(store, "b");
        await ClaimAsync(store, "a");

        await Assert.ThrowsAsync<SharedStateUnavailableException>(() => CompleteAsync(store, "a", 2 * 1024 * 1024));

        Assert.Equal(IdempotencyStatus.Running, await ClaimAsync(store, "a", "other"));
        Assert.Equal(IdempotencyStatus.Completed, await ClaimAsync(store, "b", "other"));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Claims_that_come_and_go_leave_nothing_behind()
    {
        var store = Store();
        for (var i = 0; i < 1_000; i++)
        {
            await ClaimAsync(store, $"{i}");
            if (i % 2 == 0)
            {
                await store.AbandonAsync($"{i}", "owner");
            }
            else
            {
                await CompleteAsync(store, $"{i}");
            }
        }

        Assert.Equal(500, store.Count);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public async Task Find_reads_an_entry_and_claims_nothing()
    {
        var store = Store();
        Assert.Null(store.Find("a", new byte[] { 1 }));
        Assert.Equal(IdempotencyStatus.Claimed, await ClaimAsync(store, "a"));
        Assert.Equal((IdempotencyStatus.Running, TimeSpan.FromSeconds(30)), (store.Find("a", new byte[] { 1 })!.Status, store.Find("a", new byte[] { 1 })!.LeaseLeft));
        Assert.Equal(IdempotencyStatus.Mismatch, store.Find("a", new byte[] { 2 })!.Status);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(IdempotencyStatus.Abandoned, store.Find("a", new byte[] { 1 })!.Status);
        await CompleteAsync(store, "a", 7);
        Assert.Equal((IdempotencyStatus.Completed, 7), (store.Find("a", new byte[] { 1 })!.Status, store.Find("a", new byte[] { 1 })!.Result.Length));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(store.Find("a", new byte[] { 1 }));
    }

    [Fact]
    public async Task Forgetting_is_logged_once_a_minute_and_without_a_key()
    {
        var store = Store(maxEntries: 1);
        for (var i = 0; i < 130; i++)
        {
            await ClaimAsync(store, $"secret-{i}");
            await CompleteAsync(store, $"secret-{i}");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(LogLevel.Warning, _log.Events[60]);
        Assert.Equal(3, _log.Lines.Count);
        Assert.All(_log.Lines, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 1024 * 1024, "maxEntries")]
    [InlineData(10_000_001, 1024 * 1024, "maxEntries")]
    [InlineData(1, 1024 * 1024 - 1, "maxBytes")]
    [InlineData(1, (1024L * 1024 * 1024 * 1024) + 1, "maxBytes")]
    public void Bound_out_of_range_is_refused(int entries, long bytes, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new InMemoryIdempotencyStore(entries, bytes)).ParamName);

    /// <summary>Random commands, against a model that is a plain list without bounds.</summary>
    [Fact]
    public async Task Random_commands_give_what_a_simple_model_gives()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var store = Store();
        var model = new Dictionary<string, ModelEntry>();
        for (var step = 0; step < 20_000; step++)
        {
            var (key, owner, print) = ($"{random.Next(4)}", $"{random.Next(3)}", (byte)random.Next(10) / 9);
            var (lease, retention) = (random.Next(1, 5), random.Next(3, 8));
            var now = _clock.GetUtcNow();
            foreach (var (old, _) in model.Where(pair => pair.Value.Expires <= now).ToArray())
            {
                model.Remove(old);
            }

            var entry = model.GetValueOrDefault(key);
            string got, expected;
            switch (random.Next(5))
            {
                case 0:
                    var takes = random.Next(2) == 0;
                    var answer = await store.ClaimAsync(key, new()
                    {
                        Owner = owner, Fingerprint = new[] { (byte)print }, TakesAbandoned = takes, Lease = TimeSpan.FromSeconds(lease), Retention = TimeSpan.FromSeconds(retention),
                    });
                    got = $"{answer.Status} {answer.Result.Length} {answer.LeaseLeft} {answer.IsCommitted}";
                    expected = Claim(model, key, owner, print, takes, now, lease, retention);
                    break;
                case 1:
                    var commits = random.Next(4) == 0;
                    got = $"renewed {await store.RenewAsync(key, owner, TimeSpan.FromSeconds(lease), commits)}";
                    var isRenewed = entry is { Length: null } && entry.Owner == owner;
                    if (isRenewed)
                    {
                        (entry!.LeaseEnds, entry.IsCommitted) = (now.AddSeconds(lease), entry.IsCommitted || commits);
                        entry.Expires = now.AddSeconds(Math.Max(lease, entry.Retention));
                    }

                    expected = $"renewed {isRenewed}";
                    break;
                case 2:
                    var length = random.Next(5);
                    got = $"completed {await store.CompleteAsync(key, owner, new byte[length], TimeSpan.FromSeconds(retention))}";
                    expected = $"completed {entry?.Owner == owner}";
                    if (entry is { Length: null } && entry.Owner == owner)
                    {
                        (entry.Length, entry.Expires) = (length, now.AddSeconds(retention));
                    }

                    break;
                case 3:
                    got = $"abandoned {await store.AbandonAsync(key, owner)}";
                    var isAbandoned = entry is { Length: null } && entry.Owner == owner;
                    expected = $"abandoned {isAbandoned}";
                    if (isAbandoned)
                    {
                        model.Remove(key);
                    }

                    break;
                default:
                    _clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
                    continue;
            }

            Assert.True(expected == got, $"seed {seed}, step {step}: expected {expected}, got {got}");
        }
    }

    private static string Claim(Dictionary<string, ModelEntry> model, string key, string owner, int print, bool takes, DateTimeOffset now, int lease, int retention)
    {
        if (model.GetValueOrDefault(key) is { } entry)
        {
            if (entry.Print != print)
            {
                return $"Mismatch 0 {TimeSpan.Zero} False";
            }

            if (entry.Length is { } length)
            {
                return $"Completed {length} {TimeSpan.Zero} False";
            }

            if (entry.Owner != owner && entry.LeaseEnds > now)
            {
                return $"Running 0 {entry.LeaseEnds - now} False";
            }

            if (entry.Owner != owner && (entry.IsCommitted || !takes))
            {
                return $"Abandoned 0 {TimeSpan.Zero} {entry.IsCommitted}";
            }
        }

        var isCommitted = model.GetValueOrDefault(key)?.IsCommitted ?? false;
        model[key] = new()
        {
            Owner = owner, Print = print, LeaseEnds = now.AddSeconds(lease), Retention = retention, Expires = now.AddSeconds(Math.Max(lease, retention)), IsCommitted = isCommitted,
        };
        return $"Claimed 0 {TimeSpan.Zero} False";
    }

    public void Dispose() => _log.Dispose();

    private InMemoryIdempotencyStore Store(int maxEntries = 100_000, long maxBytes = 256 * 1024 * 1024) =>
        new(maxEntries, maxBytes, _clock, LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<InMemoryIdempotencyStore>());

    private static async Task<IdempotencyStatus> ClaimAsync(InMemoryIdempotencyStore store, string key, string owner = "owner") => (await store.ClaimAsync(key, new()
    {
        Owner = owner, Fingerprint = new byte[] { 1 }, Lease = TimeSpan.FromSeconds(30), Retention = TimeSpan.FromHours(1),
    })).Status;

    private static Task<bool> CompleteAsync(InMemoryIdempotencyStore store, string key, int bytes = 1) =>
        store.CompleteAsync(key, "owner", new byte[bytes], TimeSpan.FromHours(1)).AsTask();

    private sealed class ModelEntry
    {
        public required string Owner { get; set; }

        public required int Print { get; init; }

        public required DateTimeOffset LeaseEnds { get; set; }

        public required int Retention { get; init; }

        public required DateTimeOffset Expires { get; set; }

        public bool IsCommitted { get; set; }

        public int? Length { get; set; }
    }
}
