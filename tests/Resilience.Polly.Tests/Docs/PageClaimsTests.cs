using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Tests;

/// <summary>What pages claim of their blocks happens when these run.</summary>
[Collection(nameof(PageClaimsTests))]
public class PageClaimsTests
{
    [Fact]
    public void First_block_of_testing_runs_and_prints_Closed()
    {
        var block = DocsPages.Blocks.First(block => block is { Page: "docs/testing.md", Language: "csharp" });

        Assert.Contains("Closed", Printed(block.Code), StringComparison.Ordinal);
    }

    /// <summary>Runs a program and gives back what it wrote to the console.</summary>
    internal static string Printed(string program)
    {
        var (before, printed) = (Console.Out, new StringWriter());
        Console.SetOut(TextWriter.Synchronized(printed));
        try
        {
            DocsProgram.Run(program);
        }
        finally
        {
            Console.SetOut(before);
        }

        return printed.ToString();
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 0)]
    public async Task Log_filter_of_from_polly_silences_Polly_and_leaves_the_log_of_the_library(bool filtered, int linesOfPolly)
    {
        using var polly = new LogRecorder("Polly");
        using var library = new LogRecorder();
        await using var services = Services(filtered, polly, library);
        var payments = services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("payments");

        await Assert.ThrowsAsync<ApiConnectionException>(
            async () => await payments.ExecuteAsync(_ => throw new HttpRequestException(HttpRequestError.ConnectionError)));

        // Two retries, and the circuit that opens. The log of the library is written a moment later.
        Assert.Equal(linesOfPolly, polly.Lines.Count);
        await services.DisposeAsync();
        Assert.Contains(library.Lines, line => line.Contains("The circuit of pipeline 'payments' opened", StringComparison.Ordinal));
    }

    private static ServiceProvider Services(bool filtered, LogRecorder polly, LogRecorder library)
    {
        var json = filtered ? DocsPages.Blocks.Last(block => block is { Page: "docs/from-polly.md", IsJson: true }).Code : "{}";
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        return new ServiceCollection()
            .AddLogging(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddProvider(polly).AddProvider(library))
            .AddResilience().AddPipeline("payments", options =>
            {
                options.Retry.MinWait = TimeSpan.Zero;
                options.Retry.MaxWait = TimeSpan.Zero;
                options.CircuitBreaker.FailureThreshold = 1;
            })
            .Services.BuildServiceProvider();
    }
}
