namespace Storefront;

/// <summary>Counts frequent events by who and what.</summary>
internal sealed class TimelineTally
{
    private readonly SortedDictionary<(string Who, string What), int> _second = [];

    public void Add(string who, string what) => _second[(who, what)] = _second.GetValueOrDefault((who, what)) + 1;

    /// <summary>The counts since the last call, in one line for each who.</summary>
    public IReadOnlyList<(string Who, string What)> TakeSecond()
    {
        var lines = _second
            .GroupBy(count => count.Key.Who)
            .Select(group => (group.Key, string.Join(", ", group.Select(count => $"{count.Value} {count.Key.What}"))))
            .ToList();
        _second.Clear();
        return lines;
    }
}
