namespace Resilience.Polly.Tests;

/// <summary>The tables of the pages, a row at a time.</summary>
internal static class DocsTable
{
    /// <summary>The rows of all tables that have a column of this name.</summary>
    public static IEnumerable<DocsRow> RowsWith(string column) => DocsPages.Names.SelectMany(Rows).Where(row => row.Cells.ContainsKey(column));

    private static IEnumerable<DocsRow> Rows(string page)
    {
        string[]? header = null;
        foreach (var (index, line) in DocsPages.Lines(page).Index())
        {
            if (!line.StartsWith('|'))
            {
                header = null;
            }
            else if (header is null)
            {
                header = Cells(line);
            }
            else if (!line.StartsWith("| ---", StringComparison.Ordinal))
            {
                yield return new(page, index + 1, header.Zip(Cells(line)).ToDictionary(pair => pair.First, pair => pair.Second));
            }
        }
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
}

/// <summary>One row, with its cells by the name of their column.</summary>
internal sealed record DocsRow(string Page, int Line, IReadOnlyDictionary<string, string> Cells)
{
    public string this[string column] => Cells.GetValueOrDefault(column, "");

    /// <summary>What stands between the first pair of backticks, or the whole cell.</summary>
    public string Code(string column) => this[column].Split('`') is [_, var code, ..] ? code : this[column];
}
