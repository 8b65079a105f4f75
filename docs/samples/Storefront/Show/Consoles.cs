using Spectre.Console;

namespace Storefront;

internal static class Consoles
{
    // Without a terminal there is no width to ask for. A log can be wider than 80, and must not hold escape sequences,
    // whatever the build server that it is written on would display.
    private const int LogWidth = 120;

    public static IAnsiConsole Create()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        plain.Profile.Width = LogWidth;
        return plain;
    }
}
