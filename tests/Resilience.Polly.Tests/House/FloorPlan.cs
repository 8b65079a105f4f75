using System.Text.RegularExpressions;

namespace Resilience.Polly.Tests.House;

/// <summary>The plan of a package, as the page for contributors has it: a table of floors, the lowest first, with the folders on each.</summary>
internal sealed partial class FloorPlan
{
    private readonly Dictionary<string, int> _floors = [];

    private FloorPlan(IEnumerable<string> rows)
    {
        foreach (var (row, floor) in rows.Select((row, floor) => (row, floor)))
        {
            foreach (Match folder in Folder().Matches(row.Split('|')[1]))
            {
                Assert.True(_floors.TryAdd(folder.Groups[1].Value, floor), $"The folder {folder.Groups[1].Value} stands twice in the plan.");
            }
        }
    }

    public IEnumerable<string> Folders => _floors.Keys;

    public static FloorPlan Of(string page, string package)
    {
        var lines = page.Split('\n').SkipWhile(line => !line.StartsWith($"| floors of `{package}`", StringComparison.Ordinal)).Skip(2);
        return new(lines.TakeWhile(line => line.StartsWith('|')));
    }

    /// <summary>Whether a folder may use another: one that stands below it. Folders on one floor do not know each other.</summary>
    public bool Allows(string from, string to) => from == to || _floors[from] > _floors[to];

    public override string ToString() =>
        string.Join('\n', _floors.GroupBy(folder => folder.Value).OrderByDescending(floor => floor.Key).Select(floor => $"{floor.Key,3}  {string.Join("  ", floor.Select(f => f.Key))}"));

    [GeneratedRegex("`([^`]*?)/?`")]
    private static partial Regex Folder();
}
