using Spectre.Console;

namespace Storefront;

/// <summary>What is about to happen, and where it can be watched.</summary>
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
