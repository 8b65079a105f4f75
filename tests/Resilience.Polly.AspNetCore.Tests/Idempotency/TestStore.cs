namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>A store that can be down, hang, lose its data, or give other results than it got. Several applications may share one.</summary>
internal sealed class TestStore(TimeProvider? clock = null) : IIdempotencyStore
{
    private readonly TimeProvider? _clock = clock;
    private InMemoryIdempotencyStore _store = new(timeProvider: clock);
    private volatile Func<string, CancellationToken, Task>? _before;

    /// <summary>Runs before each command, with its name.</summary>
    public Func<string, CancellationToken, Task>? Before
    {
        get => _before;
        set => _before = value;
    }

    public Func<byte[], byte[]>? Mangle { get; set; }

    /// <summary>The keys of the entries that were claimed.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<(string Key, IdempotencyClaim Claim)> Claims { get; } = new();

    public int Count => _store.Count;

    public void Break() => Before = static (_, _) => throw new SharedStateUnavailableException("The store is down.");

    public void Hang() => Before = static (_, _) => new TaskCompletionSource().Task;

    public void Mend() => Before = null;

    public void LoseData() => _store = new(timeProvider: _clock);

    public async ValueTask<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, CancellationToken cancellationToken = default)
    {
        await BeforeAsync("claim", cancellationToken);
        Claims.Enqueue((key, claim));
        var entry = await _store.ClaimAsync(key, claim, cancellationToken);
        return Mangle is null ? entry : new() { Status = entry.Status, LeaseLeft = entry.LeaseLeft, Result = Mangle(entry.Result.ToArray()) };
    }

    public async ValueTask<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, CancellationToken cancellationToken = default)
    {
        await BeforeAsync(isCommitted ? "commit" : "renew", cancellationToken);
        return await _store.RenewAsync(key, owner, lease, isCommitted, cancellationToken);
    }

    public async ValueTask<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, CancellationToken cancellationToken = default)
    {
        await BeforeAsync("complete", cancellationToken);
        return await _store.CompleteAsync(key, owner, result, retention, cancellationToken);
    }

    public async ValueTask<bool> AbandonAsync(string key, string owner, CancellationToken cancellationToken = default)
    {
        await BeforeAsync("abandon", cancellationToken);
        return await _store.AbandonAsync(key, owner, cancellationToken);
    }

    private Task BeforeAsync(string command, CancellationToken cancellationToken) => Before?.Invoke(command, cancellationToken) ?? Task.CompletedTask;
}
