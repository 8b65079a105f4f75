using Spectre.Console;

namespace Storefront;

internal static class Consoles
{
    // A log has no terminal whose width could be read, and can be wider than 80. It must not hold escape sequences,
    // even if the build server can display them.
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
