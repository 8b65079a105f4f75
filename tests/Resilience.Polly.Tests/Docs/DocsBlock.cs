namespace Resilience.Polly.Tests;

/// <summary>A fenced block of a page. <paramref name="Line"/> is that of the opening fence, from 1.</summary>
internal sealed record DocsBlock(string Page, int Line, string Info, string Code)
{
    /// <summary>The first word of the info string; what follows says how a test takes the block.</summary>
    public string Language => Info.Split(' ')[0];

    public bool Is(string mark) => Info.Split(' ').Skip(1).Contains(mark);

    /// <summary>Whether a line of the page belongs to the block, its fences included.</summary>
    public bool Covers(int line) => line >= Line && line <= Line + Code.Split('\n').Length + 1;

    public bool IsJson => Language is "json" or "jsonc";
}
