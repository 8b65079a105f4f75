using System.Globalization;

namespace Resilience.Polly.Soak;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments(TimeSpan Duration, int Workers, string? Results)
{
    public const string Usage =
        "Usage: dotnet run -c Release --project benchmarks/Resilience.Polly.Soak -- [--duration 00:10:00] [--workers 2] [--results FOLDER]\n" +
        "A duration of at least 10 seconds, at least 2 workers. Exit code 1 when slots, timers or memory grow.";

    /// <returns><see langword="null"/> where something is not understood, or out of range.</returns>
    public static Arguments? Parse(ReadOnlySpan<string> args)
    {
        var arguments = new Arguments(TimeSpan.FromMinutes(10), Math.Max(2, Environment.ProcessorCount), null);
        for (; args.Length > 0; args = args[2..])
        {
            switch (args)
            {
                case ["--duration", var text, ..] when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) && duration >= TimeSpan.FromSeconds(10):
                    arguments = arguments with { Duration = duration };
                    break;
                case ["--workers", var text, ..] when int.TryParse(text, CultureInfo.InvariantCulture, out var workers) && workers >= 2:
                    arguments = arguments with { Workers = workers };
                    break;
                case ["--results", var folder, ..]:
                    arguments = arguments with { Results = folder };
                    break;
                default:
                    return null;
            }
        }

        return arguments;
    }
}
