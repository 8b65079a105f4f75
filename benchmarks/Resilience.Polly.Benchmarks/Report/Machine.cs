using System.Runtime.InteropServices;
using BenchmarkDotNet.Environments;

namespace Resilience.Polly.Benchmarks;

/// <summary>The machine, as far as the numbers depend on it: no names and no paths.</summary>
internal static class Machine
{
    public static string Describe()
    {
        // The first line names BenchmarkDotNet and the system, the second the processor and its cores.
        var processor = HostEnvironmentInfo.GetCurrent().ToFormattedString().ElementAt(1);
        return $"{processor}; {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}";
    }
}
