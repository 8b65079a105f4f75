using System.Diagnostics;
using System.Globalization;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The sample Cluster, in a short form: real processes, real sockets, real kills.</summary>
public class ClusterSampleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("--seconds", "10")]
    [InlineData("--seconds", "8", "--engine", "garnet")]
    public async Task Short_round_charges_no_order_twice_and_loses_none(params string[] arguments)
    {
        var seed = Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture);

        var (exitCode, printed) = await RunAsync(["--once", "--seed", seed, .. arguments]);

        Assert.True(exitCode == 0, $"seed {seed}: exit code {exitCode}{Environment.NewLine}{printed}");
        Assert.Contains("No order was charged twice, and no confirmed order was lost.", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--orders", "0")]
    [InlineData("--seconds")]
    [InlineData("--engine", "memory")]
    [InlineData("--twice")]
    public async Task Wrong_arguments_start_nothing(params string[] arguments)
    {
        var (exitCode, printed) = await RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("Usage: ", printed, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Printed)> RunAsync(string[] arguments)
    {
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        using var sample = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "Cluster.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var errors = sample.StandardError.ReadToEndAsync(patience.Token);
            var printed = await sample.StandardOutput.ReadToEndAsync(patience.Token);
            await sample.WaitForExitAsync(patience.Token);
            return (sample.ExitCode, printed + await errors);
        }
        finally
        {
            if (!sample.HasExited)
            {
                sample.Kill(entireProcessTree: true);
            }
        }
    }
}
