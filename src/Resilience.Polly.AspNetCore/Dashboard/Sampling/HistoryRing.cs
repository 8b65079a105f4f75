namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>The last samples of one pipeline as plain numbers: 44 bytes a sample, so that minutes of hundreds of pipelines are some megabytes.</summary>
internal sealed class HistoryRing(int capacity)
{
    public static readonly HistoryColumn[] Columns = Enum.GetValues<HistoryColumn>();

    private readonly float[] _values = new float[capacity * Columns.Length];
    private int _next;

    public int Count { get; private set; }

    public void Append(PipelineSample state)
    {
        var row = _values.AsSpan(_next * Columns.Length, Columns.Length);
        foreach (var column in Columns)
        {
            row[(int)column] = (float)state.ValueOf(column);
        }

        _next = (_next + 1) % capacity;
        Count = Math.Min(Count + 1, capacity);
    }

    /// <summary>One column, the oldest value first.</summary>
    public IEnumerable<float> Read(HistoryColumn column)
    {
        for (var i = capacity + _next - Count; i < capacity + _next; i++)
        {
            yield return _values[((i % capacity) * Columns.Length) + (int)column];
        }
    }
}

/// <summary>What is kept of every sample of a pipeline, for its charts.</summary>
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
