using System.Diagnostics;

namespace Resilience.Polly.Packages.Tests;

/// <summary>Runs programs as a user does, and fails with all that they printed.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs <c>dotnet</c> and returns what it printed.</summary>
    public static Task<string> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        RunProgramAsync("dotnet", folder, environment, arguments);

    /// <summary>Runs any program and returns what it printed.</summary>
    public static async Task<string> RunProgramAsync(string program, string folder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        using var process = Start(program, folder, environment, arguments);
        try
        {
            // Other test projects run at the same time, and some of them watch the clock.
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        return await EndAsync(process);
    }

    /// <summary>Waits until a program ends, and returns what it printed.</summary>
    public static async Task<string> EndAsync(Process process)
    {
        var command = $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{command} did not end within {Limit}:\n{await output}{await errors}");
        }

        Assert.True(process.ExitCode == 0, $"{command} ended with {process.ExitCode}:\n{await output}{await errors}");
        return await output;
    }

    /// <summary>Starts a program in an environment like that of a user's shell.</summary>
    public static Process Start(string program, string folder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

        // What the test host, CI or a Git hook set for themselves must not reach the programs.
        foreach (var name in start.Environment.Keys.Where(IsOfTheHost).ToArray())
        {
            start.Environment.Remove(name);
        }

        // A build server outlives the command and keeps its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static bool IsOfTheHost(string variable) =>
        variable is "CI" or "Configuration" or "Platform"
        || variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("GIT_", StringComparison.Ordinal)
        || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal);
}
