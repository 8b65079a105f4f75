using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Resilience.Polly.Events;

namespace Resilience.Polly;

/// <summary>Remembers logical calls in the memory of this process: for a service that runs in one instance, and for tests (guide: "Idempotency: The Key to Safe Retries").</summary>
/// <remarks>
/// The store is bounded. If it is full, it forgets the oldest results and logs a warning; a repeated request would then execute again. It never forgets a claim before its retention ends: a
/// store that is full of claims throws <see cref="SharedStateUnavailableException"/>. All members are thread-safe.
/// </remarks>
public sealed class InMemoryIdempotencyStore : IIdempotencyStore
{
    // An entry, its nodes and its place in the dictionary.
    private const int BytesOfAnEntry = 400;

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedSet<Entry> _byExpiry = new(Comparer<Entry>.Create(static (one, other) => (one.Expires, one.Number).CompareTo((other.Expires, other.Number))));
    private readonly LinkedList<Entry> _completed = [];
    private readonly int _maxEntries;
    private readonly long _maxBytes;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly long _start;
    private long _number;
    private long _bytes;
    private long _completedBytes;
    private TimeSpan? _warned;

    /// <summary>Creates an empty store.</summary>
    /// <param name="maxEntries">How many calls it remembers at most: 1 to 10000000.</param>
    /// <param name="maxBytes">How much memory it uses at most, about, in bytes: 1048576 (1 MiB) to 1099511627776 (1 TiB). The default is 256 MiB.</param>
    /// <param name="timeProvider">The clock; the default is that of the system.</param>
    /// <param name="logger">Where it warns that it forgets results early.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of its range.</exception>
    public InMemoryIdempotencyStore(
        int maxEntries = 100_000, long maxBytes = 256L * 1024 * 1024, TimeProvider? timeProvider = null, ILogger<InMemoryIdempotencyStore>? logger = null)
    {
        if (maxEntries is < 1 or > 10_000_000)
        {
            throw new ArgumentOutOfRangeException(nameof(maxEntries), maxEntries, "Allowed is 1 to 10000000.");
        }

        if (maxBytes is < 1024 * 1024 or > 1024L * 1024 * 1024 * 1024)
        {
            throw new ArgumentOutOfRangeException(nameof(maxBytes), maxBytes, "Allowed is 1048576 to 1099511627776.");
        }

        (_maxEntries, _maxBytes, _clock, _logger) = (maxEntries, maxBytes, timeProvider ?? TimeProvider.System, logger ?? (ILogger)NullLogger.Instance);
        _start = _clock.GetTimestamp();
    }

    /// <summary>How many calls the store remembers now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                RemoveExpired(Now());
                return _entries.Count;
            }
        }
    }

    /// <summary>Reads an entry without claiming it.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="fingerprint">The hash of the request.</param>
    /// <returns>What another owner would hear that takes no abandoned claims; <see langword="null"/> if the entry is free.</returns>
    public IdempotencyEntry? Find(string key, ReadOnlyMemory<byte> fingerprint)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        lock (_lock)
        {
            var now = Now();
            RemoveExpired(now);
            return _entries.TryGetValue(key, out var entry) ? entry.AsSeenBy(null, fingerprint.Span, now) : null;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentException.ThrowIfNullOrEmpty(claim.Owner, nameof(claim));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(claim.Lease, TimeSpan.Zero, nameof(claim));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(claim.Retention, TimeSpan.Zero, nameof(claim));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return new(Claim(key, claim, Now()));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var now = Now();
            if (!TryGetClaim(key, owner, now, out var entry))
            {
                return new(false);
            }

            entry.IsCommitted |= isCommitted;
            Prolong(entry, now, lease);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(retention, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var now = Now();
            if (!TryGetClaim(key, owner, now, out var entry))
            {
                return new(entry?.Owner == owner);
            }

            // The room is made first: what is completed now is the last result to be forgotten.
            if (!TryMakeRoom(0, result.Length, now))
            {
                throw Full();
            }

            entry.Result = result.ToArray();
            _bytes += result.Length;
            _completedBytes += entry.Bytes + result.Length;
            entry.Completed = _completed.AddLast(entry);
            Expire(entry, now + retention);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> AbandonAsync(string key, string owner, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!TryGetClaim(key, owner, Now(), out var entry))
            {
                return new(false);
            }

            Remove(entry);
            return new(true);
        }
    }

    private static SharedStateUnavailableException Full() => new("The in-memory idempotency store is full of claims that are not completed.");

    private IdempotencyEntry Claim(string key, IdempotencyClaim claim, TimeSpan now)
    {
        RemoveExpired(now);
        if (!_entries.TryGetValue(key, out var entry))
        {
            Add(key, claim, now);
            return new() { Status = IdempotencyStatus.Claimed };
        }

        var seen = entry.AsSeenBy(claim.Owner, claim.Fingerprint.Span, now);
        if (seen.Status != IdempotencyStatus.Claimed && !(claim.TakesAbandoned && seen is { Status: IdempotencyStatus.Abandoned, IsCommitted: false }))
        {
            return seen;
        }

        (entry.Owner, entry.Retention) = (claim.Owner, claim.Retention);
        Prolong(entry, now, claim.Lease);
        return new() { Status = IdempotencyStatus.Claimed };
    }

    private void Add(string key, IdempotencyClaim claim, TimeSpan now)
    {
        var entry = new Entry(key, claim.Fingerprint.ToArray(), ++_number) { Owner = claim.Owner, Retention = claim.Retention };
        if (!TryMakeRoom(1, entry.Bytes, now))
        {
            throw Full();
        }

        _entries.Add(key, entry);
        _bytes += entry.Bytes;
        Prolong(entry, now, claim.Lease);
    }

    private bool TryGetClaim(string key, string owner, TimeSpan now, [NotNullWhen(true)] out Entry? entry)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentException.ThrowIfNullOrEmpty(owner);
        RemoveExpired(now);
        return _entries.TryGetValue(key, out entry) && entry.Completed is null && entry.Owner == owner;
    }

    private void Prolong(Entry entry, TimeSpan now, TimeSpan lease)
    {
        entry.LeaseEnds = now + lease;
        Expire(entry, now + (lease > entry.Retention ? lease : entry.Retention));
    }

    // The set is ordered by what changes here.
    private void Expire(Entry entry, TimeSpan when)
    {
        _byExpiry.Remove(entry);
        entry.Expires = when;
        _byExpiry.Add(entry);
    }

    private void RemoveExpired(TimeSpan now)
    {
        while (_byExpiry.Min is { } first && first.Expires <= now)
        {
            Remove(first);
        }
    }

    private bool TryMakeRoom(int entries, long bytes, TimeSpan now)
    {
        // Claims alone may leave too little room: then no result is forgotten in vain.
        if (_entries.Count - _completed.Count + entries > _maxEntries || _bytes - _completedBytes + bytes > _maxBytes)
        {
            return false;
        }

        var hasForgotten = false;
        while (_entries.Count + entries > _maxEntries || _bytes + bytes > _maxBytes)
        {
            Remove(_completed.First!.Value);
            hasForgotten = true;
        }

        if (hasForgotten && !(now - _warned < BetweenWarnings))
        {
            _warned = now;
            Log.IdempotentResultsForgotten(_logger, _maxEntries, _maxBytes);
        }

        return true;
    }

    private void Remove(Entry entry)
    {
        _entries.Remove(entry.Key);
        _byExpiry.Remove(entry);
        var bytes = entry.Bytes + entry.Result.Length;
        _bytes -= bytes;
        if (entry.Completed is { } node)
        {
            _completed.Remove(node);
            _completedBytes -= bytes;
        }
    }

    private TimeSpan Now() => _clock.GetElapsedTime(_start);

    private sealed class Entry(string key, byte[] fingerprint, long number)
    {
        public string Key => key;

        public byte[] Fingerprint => fingerprint;

        /// <summary>Orders entries that expire at the same time.</summary>
        public long Number => number;

        public long Bytes { get; } = BytesOfAnEntry + (2L * key.Length) + fingerprint.Length;

        public required string Owner { get; set; }

        public required TimeSpan Retention { get; set; }

        public TimeSpan LeaseEnds { get; set; }

        public TimeSpan Expires { get; set; }

        public bool IsCommitted { get; set; }

        public byte[] Result { get; set; } = [];

        /// <summary>The place among completed entries; <see langword="null"/> for a claim.</summary>
        public LinkedListNode<Entry>? Completed { get; set; }

        public IdempotencyEntry AsSeenBy(string? owner, ReadOnlySpan<byte> print, TimeSpan now) =>
            !print.SequenceEqual(fingerprint) ? new() { Status = IdempotencyStatus.Mismatch }
            : Completed is not null ? new() { Status = IdempotencyStatus.Completed, Result = Result }
            : Owner == owner ? new() { Status = IdempotencyStatus.Claimed }
            : LeaseEnds > now ? new() { Status = IdempotencyStatus.Running, LeaseLeft = LeaseEnds - now }
            : new() { Status = IdempotencyStatus.Abandoned, IsCommitted = IsCommitted };
    }
}
