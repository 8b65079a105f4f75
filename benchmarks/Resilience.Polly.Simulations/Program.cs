using Resilience.Polly.Simulations;
using Spectre.Console;

var isShort = args.Contains("--short");
int[] seeds = isShort ? [1] : [1, 2, 3, 4, 5];
var report = new Report(AnsiConsole.Console, seeds);
(string Name, Action Run)[] parts =
[
    ("outages", report.Outages), ("turns", report.DownInTurns), ("overloads", report.Overloads), ("shapes", report.OtherShapes), ("drawn", report.DrawnShapes),
    ("priorities", report.Priorities), ("isolations", report.Isolations),
];
string[] wanted = [.. args.Where(arg => arg != "--short")];
if (wanted.Any(name => parts.All(part => part.Name != name)))
{
    await Console.Error.WriteLineAsync(
        $"Usage: dotnet run -c Release --project benchmarks/Resilience.Polly.Simulations [-- [--short] [{string.Join(" | ", parts.Select(part => part.Name))} ...]]");
    return 2;
}

// Off any synchronization context: calls go on where the clock fires.
await Task.Run(() =>
{
    foreach (var (_, run) in parts.Where(part => wanted.Length == 0 || wanted.Contains(part.Name)))
    {
        run();
    }
});
return 0;
