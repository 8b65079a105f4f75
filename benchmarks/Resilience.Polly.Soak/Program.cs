using Resilience.Polly.Soak;
using Spectre.Console;

if (Arguments.Parse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

var report = new Report(AnsiConsole.Console);
await using var ours = new Ours();
var pollys = PollyContestant.Create();
var result = await Soak.RunAsync(arguments, ours, pollys, report.Progress);
report.Print(result, ours.Contestant, pollys);
if (arguments.Results is { } folder)
{
    result.Write(folder);
}

return result.Checks.All(check => check.IsFine) ? 0 : 1;
