using BenchmarkDotNet.Running;
using Resilience.Polly.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(FourPatterns).Assembly).Run(args);
