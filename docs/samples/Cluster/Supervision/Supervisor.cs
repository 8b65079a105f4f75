namespace Cluster;

/// <summary>Runs rounds.</summary>
internal static class Supervisor
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (Arguments.Parse(args) is not { } arguments)
        {
            Console.Error.WriteLine(Arguments.Usage);
            return 2;
        }

        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupt.Cancel();
        };

        for (var round = 0; ; round++)
        {
            var seed = arguments.Seed + round;
            Console.WriteLine($"seed of the kills: {seed}");
            var folder = Directory.CreateTempSubdirectory("resilience-cluster-").FullName;
            IReadOnlyList<string> broken;
            try
            {
                broken = await new Round(arguments, seed, folder).RunAsync(interrupt.Token);
            }
            catch (OperationCanceledException)
            {
                Console.WriteLine("Stopped. Only a round that ends by itself has a verdict.");
                Directory.Delete(folder, recursive: true);
                return 0;
            }

            Console.WriteLine();
            if (broken.Count > 0)
            {
                Console.WriteLine("Broken promises:");
                Console.WriteLine(string.Join(Environment.NewLine, broken.Select(line => $"  {line}")));
                Console.WriteLine($"The books, journals and logs are in {folder}");
                return 1;
            }

            Console.WriteLine("No order was charged twice, and no confirmed order was lost.");
            Directory.Delete(folder, recursive: true);
            if (arguments.Once)
            {
                return 0;
            }
        }
    }
}
