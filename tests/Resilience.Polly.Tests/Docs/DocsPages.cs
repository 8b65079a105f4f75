using System.Text.RegularExpressions;

namespace Resilience.Polly.Tests;

/// <summary>The Markdown pages of the repository: its README and everything under docs.</summary>
internal static partial class DocsPages
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<string> Names { get; } =
    [
        .. new[] { Path.Combine(Root, "README.md") }.Where(File.Exists)
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')),
    ];

    public static IReadOnlyList<DocsBlock> Blocks { get; } = [.. Names.SelectMany(BlocksOf)];

    public static string[] Lines(string page) => File.ReadAllLines(Path.Combine(Root, page));

    public static DocsBlock BlockAt(string page, int line) => Blocks.Single(block => block.Page == page && block.Line == line);

    /// <summary>Whether a block is the first C# of its page, which a reader pastes into a new project.</summary>
    public static bool IsFirstCode(DocsBlock block) => block == Blocks.FirstOrDefault(other => other.Page == block.Page && other.Language == "csharp");

    private static IEnumerable<DocsBlock> BlocksOf(string page)
    {
        var lines = Lines(page);
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is not { Success: true } open)
            {
                continue;
            }

            var (indent, fence) = (open.Groups["indent"].Length, open.Groups["fence"].Value);
            var end = Array.FindIndex(lines, i + 1, line => line.Trim() == fence);
            if (end < 0)
            {
                throw new InvalidDataException($"{page}({i + 1}): the block is not closed.");
            }

            var code = lines[(i + 1)..end].Select(line => line[Math.Min(indent, line.Length - line.TrimStart().Length)..]);
            yield return new(page, i + 1, open.Groups["info"].Value.Trim(), string.Join('\n', code));
            i = end;
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Resilience.Polly.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex("^(?<indent> *)(?<fence>`{3,}|~{3,})(?<info>[^`]*)$")]
    private static partial Regex Fence();
}
