namespace Resilience.Polly.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Plan">How much is measured.</param>
/// <param name="Only">The one goal to measure, or what no goal asks for; all where there is none.</param>
/// <param name="Results">The folder for what was measured.</param>
/// <param name="Page">The page to write.</param>
internal sealed record Arguments(Plan Plan, string? Only, string Results, string Page)
{
    public const string Usage = """
        dotnet run -c Release --project benchmarks/Resilience.Polly.Benchmarks --
          goals [--short | --full] [--only GOAL] [--results FOLDER]   the goals, in alternating rounds
          report [--results FOLDER] [--page FILE]                     the page, from what "goals" and the soak measured
          --filter '*' ...                                            BenchmarkDotNet, with distributions
        """;

    /// <returns><see langword="null"/> where something is not understood.</returns>
    public static Arguments? Parse(ReadOnlySpan<string> args)
    {
        var arguments = new Arguments(Plan.Short, null, Path.Combine("artifacts", "benchmarks"), Path.Combine("docs", "benchmarks.md"));
        while (args.Length > 0)
        {
            (arguments, var taken) = args switch
            {
                ["--short", ..] => (arguments with { Plan = Plan.Short }, 1),
                ["--full", ..] => (arguments with { Plan = Plan.Full }, 1),
                ["--only", var goal, ..] when goal == Others.Key || Goals.All.ContainsKey(goal) => (arguments with { Only = goal }, 2),
                ["--results", var folder, ..] => (arguments with { Results = folder }, 2),
                ["--page", var file, ..] => (arguments with { Page = file }, 2),
                _ => (arguments, 0),
            };
            if (taken == 0)
            {
                return null;
            }

            args = args[taken..];
        }

        return arguments;
    }
}
