namespace Storefront;

/// <summary>What stands on the command line.</summary>
/// <param name="Once">Whether one incident is enough.</param>
/// <param name="Port">Where the dashboard is served; 0 for any free port.</param>
internal sealed record Arguments(bool Once, int Port)
{
    public const string Usage = "Usage: dotnet run --project docs/samples/Storefront [-- [--once] [--port N]]";

    private const int AnyFreePort = 0;
    private const int WellKnownPort = 5080;

    /// <summary>The arguments, or <see langword="null"/> when they make no sense.</summary>
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

        // One incident is over before anybody looks for it, and must not fail because another run has the port.
        return new(once, port ?? (once ? AnyFreePort : WellKnownPort));
    }
}
