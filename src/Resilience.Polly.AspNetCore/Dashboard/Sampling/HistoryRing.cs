namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>The last samples of one pipeline, 44 bytes each. While all of them are the same, as for an idle pipeline, it keeps only one.</summary>
internal sealed class HistoryRing(int capacity, HistoryMemory memory)
{
    public static readonly HistoryColumn[] Columns = Enum.GetValues<HistoryColumn>();

    private readonly float[] _latest = new float[Columns.Length];
    private float[]? _values; // null while all samples equal the latest one
    private int _next;
    private int _run; // how many samples up to the latest one are the same

    public int Count { get; private set; }

    private int Bytes => capacity * Columns.Length * sizeof(float);

    /// <param name="sample">A value for each of <see cref="Columns"/>.</param>
    public void Append(ReadOnlySpan<float> sample)
    {
        var isSame = Count > 0 && sample.SequenceEqual(_latest);
        _run = isSame ? Math.Min(_run + 1, capacity) : 1;
        if (_values is null && !isSame && Count > 0 && !TrySpread())
        {
            Count = 0; // no memory for different samples: forget the past
        }

        sample.CopyTo(_latest);
        Count = Math.Min(Count + 1, capacity);
        if (_values is null)
        {
            return;
        }

        sample.CopyTo(_values.AsSpan(_next * Columns.Length, Columns.Length));
        _next = (_next + 1) % capacity;
        if (_run == capacity)
        {
            Release();
        }
    }

    /// <summary>One column, the oldest value first.</summary>
    public IEnumerable<float> Read(HistoryColumn column)
    {
        for (var i = capacity + _next - Count; i < capacity + _next; i++)
        {
            yield return _values is null ? _latest[(int)column] : _values[((i % capacity) * Columns.Length) + (int)column];
        }
    }

    /// <summary>Returns the memory.</summary>
    public void Release()
    {
        if (_values is not null)
        {
            _values = null;
            memory.Give(Bytes);
        }
    }

    private bool TrySpread()
    {
        if (!memory.TryTake(Bytes))
        {
            return false;
        }

        _values = new float[capacity * Columns.Length];
        for (var i = 0; i < Count; i++)
        {
            _latest.CopyTo(_values.AsSpan(i * Columns.Length));
        }

        _next = Count % capacity;
        return true;
    }
}

/// <summary>The memory that all histories share.</summary>
internal sealed class HistoryMemory(long bytes)
{
    private long _left = bytes;

    /// <summary>Whether a history asked for memory and got none.</summary>
    public bool IsUsedUp { get; private set; }

    public bool TryTake(int bytes)
    {
        if (_left < bytes)
        {
            IsUsedUp = true;
            return false;
        }

        _left -= bytes;
        return true;
    }

    public void Give(int bytes) => _left += bytes;
}

/// <summary>The values that a history keeps of each sample of a pipeline, for its charts.</summary>
internal enum HistoryColumn
{
    CallsPerSecond,
    FailedPerSecond,
    RejectedPerSecond,
    RetryRate,
    P50,
    P95,
    P99,
    InUse,
    Waiting,
    Limit,
    State,
}
