namespace Cluster;

/// <summary>The arguments of the command line.</summary>
/// <param name="Once">Whether to end after one round.</param>
/// <param name="Orders">How many checkouts there are in a round; <see langword="null"/> for as many as fit its time.</param>
/// <param name="Seconds">How long a round takes, if the number of checkouts does not say it.</param>
/// <param name="Seed">The seed of what is random.</param>
/// <param name="Engine">Redis, Garnet, or whichever there is.</param>
/// <param name="Unprotected">Whether the payment service ignores the idempotency key, to see what happens then.</param>
internal sealed record Arguments(bool Once, int? Orders, int Seconds, int Seed, string? Engine, bool Unprotected)
{
    public const string Usage =
        "Usage: dotnet run --project docs/samples/Cluster [-- [--once] [--orders N] [--seconds N] [--seed N] [--engine redis|garnet] [--unprotected]]";

    private const int TwoMinutes = 120;

    /// <summary>The arguments, or <see langword="null"/> if they are wrong.</summary>
    public static Arguments? Parse(ReadOnlySpan<string> args)
    {
        var parsed = new Arguments(Once: false, Orders: null, TwoMinutes, Random.Shared.Next(1, 1_000_000), Engine: null, Unprotected: false);
        while (args.Length > 0)
        {
            var (next, taken) = args switch
            {
                ["--once", ..] => (parsed with { Once = true }, 1),
                ["--unprotected", ..] => (parsed with { Unprotected = true }, 1),
                ["--orders", var text, ..] when Number(text, 1, 1_000_000) is { } orders => (parsed with { Orders = orders }, 2),
                ["--seconds", var text, ..] when Number(text, 5, 3_600) is { } seconds => (parsed with { Seconds = seconds }, 2),
                ["--seed", var text, ..] when Number(text, 0, int.MaxValue) is { } seed => (parsed with { Seed = seed }, 2),
                ["--engine", "redis" or "garnet", ..] => (parsed with { Engine = args[1] }, 2),
                _ => ((Arguments?)null, 0),
            };
            if (next is null)
            {
                return null;
            }

            parsed = next;
            args = args[taken..];
        }

        return parsed;
    }

    private static int? Number(string text, int min, int max) => int.TryParse(text, out var number) && number >= min && number <= max ? number : null;
}
