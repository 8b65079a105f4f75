using Resilience.Polly.Simulations;
using Spectre.Console;

if (args is not ([] or ["--short"]))
{
    await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project benchmarks/Resilience.Polly.Simulations [-- --short]");
    return 2;
}

int[] seeds = args is ["--short"] ? [1] : [1, 2, 3, 4, 5];
var report = new Report(AnsiConsole.Console, seeds);

// Off any synchronization context: calls go on where the clock fires.
await Task.Run(() =>
{
    report.Outages();
    report.Overloads();
    report.Isolations();
});
return 0;
