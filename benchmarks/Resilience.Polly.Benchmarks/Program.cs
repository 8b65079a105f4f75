using BenchmarkDotNet.Running;
using Resilience.Polly.Benchmarks;

if (args is ["http-rounds"])
{
    await HttpRounds.RunAsync();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(FourPatterns).Assembly).Run(args);
