namespace Storefront;

/// <summary>The arguments of the command line.</summary>
/// <param name="Once">Whether to end after one incident.</param>
/// <param name="Port">The port of the dashboard; 0 for any free port.</param>
internal sealed record Arguments(bool Once, int Port)
{
    public const string Usage = "Usage: dotnet run --project docs/samples/Storefront [-- [--once] [--port N]]";

    private const int AnyFreePort = 0;
    private const int WellKnownPort = 5080;

    /// <summary>The arguments, or <see langword="null"/> if they are wrong.</summary>
    public static Arguments? Parse(ReadOnlySpan<string> args)
    {
        var once = false;
        int? port = null;
        while (args.Length > 0)
        {
            switch (args)
            {
                case ["--once", ..]:
                    once = true;
                    args = args[1..];
                    break;

                case ["--port", var text, ..] when ushort.TryParse(text, out var number):
                    port = number;
                    args = args[2..];
                    break;

                default:
                    return null;
            }
        }

        // A run with one incident must not fail because another run uses the port, and it is too short to be opened in a browser.
        return new(once, port ?? (once ? AnyFreePort : WellKnownPort));
    }
}
