namespace Resilience.Polly.Simulations;

/// <summary>How many of something there were in each second.</summary>
public sealed class PerSecond(VirtualTime time)
{
    private readonly Lock _gate = new();
    private readonly List<int> _counts = [];

    public IReadOnlyList<int> Counts => _counts;

    public void Count() => Count(time.Now);

    /// <summary>Counts one in the second of the moment.</summary>
    public void Count(TimeSpan at)
    {
        lock (_gate)
        {
            while (_counts.Count <= (int)at.TotalSeconds)
            {
                _counts.Add(0);
            }

            _counts[(int)at.TotalSeconds]++;
        }
    }

    public int Of(int second) => second < _counts.Count ? _counts[second] : 0;

    public int Sum(int from, int to) => Enumerable.Range(from, Math.Max(0, to - from)).Sum(Of);
}
