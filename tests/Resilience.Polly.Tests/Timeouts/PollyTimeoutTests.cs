using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Resilience.Polly.Tests.Timeouts;

/// <summary>With the switch that puts Polly's timeout in the place of the library's, in a process of its own, since it is read once.</summary>
public class PollyTimeoutTests
{
    private const string Variable = "RESILIENCE_POLLY_TESTS_USE_POLLY_TIMEOUT";

    private static bool IsChild => Environment.GetEnvironmentVariable(Variable) is not null;

    [ModuleInitializer]
    internal static void ReadSwitch() => AppContext.SetSwitch("Resilience.Polly.UsePollyTimeout", IsChild);

    [Fact]
    public async Task Tests_of_timeouts_retries_and_cancellation_pass_with_the_timeout_of_Polly()
    {
        if (IsChild)
        {
            await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Timeout.Attempt) = (1, TimeSpan.FromSeconds(1)));
            var call = app.Pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.Infinite, token), TestContext.Current.CancellationToken).AsTask();
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            var failure = await Assert.ThrowsAsync<ApiTimeoutException>(() => call);
            Assert.StartsWith("The operation didn't complete", failure.InnerException!.Message, StringComparison.Ordinal); // in Polly's words
            return;
        }

        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            Environment = { [Variable] = "1" },
        };
        foreach (var argument in new[] { "-class", "*.TimeoutTests", "-class", "*.RetryTests", "-class", "*.ForeignCancellationTests", "-class", "*.SynchronousTests", "-class", "*.PollyTimeoutTests" })
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
    }
}
