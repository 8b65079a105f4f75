using Spectre.Console;

namespace Storefront;

/// <summary>The first lines: what will happen, and where to watch it.</summary>
internal static class OpeningLines
{
    public static void WriteWelcome(this IAnsiConsole console, string address, bool once)
    {
        console.MarkupLine(once ? "One incident, then the closing table." : "One incident after the other. Ctrl+C ends with the closing table.");
        console.MarkupLineInterpolated($"Dashboard  [bold]{address}/resilience[/]");
        console.MarkupLineInterpolated($"Health     {address}/health");
        console.WriteLine();
    }
}
