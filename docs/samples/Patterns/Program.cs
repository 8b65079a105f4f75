// Prints the guide's numbered flow for its four examples of patterns that work together.
//
//   dotnet run --project docs/samples/Patterns                             all four
//   dotnet run --project docs/samples/Patterns -- 3                        one of them
//   dotnet run --project docs/samples/Patterns -- 3 Retry:MaxAttempts=3    one of them with another setting
//
// The clock is fast-forwarded: a wait of 30 seconds takes no time.
using Patterns;
using Resilience.Polly;

var chosen = args.Length > 0 ? Example.All.Where(example => $"{example.Number}" == args[0]).ToArray() : Example.All;
var settings = args.Skip(1).Select(setting => setting.Split('=', 2)).ToArray();
if (chosen.Length == 0 || settings.Any(setting => setting.Length < 2))
{
    Console.Error.WriteLine("Usage: Patterns [1|2|3|4 [Block:Setting=value ...]]");
    return 1;
}

try
{
    foreach (var example in chosen)
    {
        await example.RunAsync(settings.Select(setting => (setting[0], setting[1])), Console.Out);
    }

    return 0;
}
catch (ResilienceConfigurationException faulty)
{
    Console.Error.WriteLine(faulty.Message);
    return 1;
}
