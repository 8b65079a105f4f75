using System.Globalization;
using BenchmarkDotNet.Running;
using Resilience.Polly.Benchmarks;

if (args is [("goals" or "report") and var command, .. var rest])
{
    if (Arguments.Parse(rest) is not { } arguments)
    {
        await Console.Error.WriteLineAsync(Arguments.Usage);
        return 2;
    }

    if (command == "goals")
    {
        await GoalsCommand.RunAsync(arguments);
    }
    else
    {
        ReportCommand.Run(arguments);
    }

    return 0;
}

if (args is [Starts.Command, var contestant, var pipelines, var folder])
{
    await Starts.RunAsync(contestant, int.Parse(pipelines, CultureInfo.InvariantCulture), folder);
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(FourPatterns).Assembly).Run(args);
return 0;
