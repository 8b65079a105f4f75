using System.Diagnostics;

namespace Resilience.Polly.Tests;

/// <summary>A sample that runs to its end, in a process of its own.</summary>
internal static class SampleProcess
{
    public static async Task<(int ExitCode, string Printed)> RunAsync(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{name}.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var sample = Process.Start(start)!;
        var errors = sample.StandardError.ReadToEndAsync();
        var printed = await sample.StandardOutput.ReadToEndAsync();
        await sample.WaitForExitAsync();
        return (sample.ExitCode, (printed + await errors).ReplaceLineEndings("\n").TrimEnd());
    }
}
