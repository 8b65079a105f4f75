using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests;

/// <summary>Every configuration of the documentation loads, and does what the page says next to it.</summary>
public class DocsConfigurationTests
{
    private static readonly JsonDocumentOptions AsConfigurationReadsIt = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public static TheoryData<string, int> GoodBlocks => At(block => block.IsJson && !block.Is("faulty"));

    public static TheoryData<string, int> FaultyBlocks => At(block => block.IsJson && block.Is("faulty"));

    public static TheoryData<string, int> LogBlocks => At(block => block.Is("log"));

    [Theory]
    [MemberData(nameof(GoodBlocks))]
    public async Task Block_in_json_loads_without_faults(string page, int line)
    {
        var json = DocsPages.BlockAt(page, line).Code;
        using var document = JsonDocument.Parse(json, AsConfigurationReadsIt);
        if (!document.RootElement.TryGetProperty("Resilience", out var resilience))
        {
            return; // of another library; that it parses is all that can be asked
        }

        await using var services = Services(json);

        var names = services.GetRequiredService<IResilienceMonitor>().GetSnapshots().Select(pipeline => pipeline.Name);
        Assert.Equal(
            resilience.TryGetProperty("Pipelines", out var pipelines) ? pipelines.EnumerateObject().Select(p => p.Name).Where(name => !name.EndsWith('*')).Order(StringComparer.OrdinalIgnoreCase) : [],
            names);
    }

    [Theory]
    [MemberData(nameof(FaultyBlocks))]
    public async Task Block_marked_faulty_gives_the_message_shown_below_it(string page, int line)
    {
        var shown = DocsPages.Blocks.First(block => block.Page == page && block.Line > line && block.Is("faults")).Code;
        await using var services = Services(DocsPages.BlockAt(page, line).Code, environment: Environments.Production);

        var refused = Assert.Throws<ResilienceConfigurationException>(services.GetRequiredService<IResilienceMonitor>);

        Assert.Equal(shown, refused.Message.ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(LogBlocks))]
    public async Task Block_marked_log_is_what_the_host_logs_for_the_json_above_it(string page, int line)
    {
        using var log = new LogRecorder();
        var json = DocsPages.Blocks.Last(block => block.Page == page && block.Line < line && block.IsJson).Code;
        await using var services = Services(json, s => s.AddLogging(logging => logging.AddProvider(log)));

        await Assert.Single(services.GetServices<IHostedService>()).StartAsync(CancellationToken.None);

        Assert.Equal(
            DocsPages.BlockAt(page, line).Code.Split('\n'),
            log.Lines.Select(logged => logged[(logged.IndexOf(':', StringComparison.Ordinal) + 2)..]));
    }

    [Fact]
    public void Marks_are_found_on_the_pages()
    {
        Assert.NotEmpty(FaultyBlocks);
        Assert.NotEmpty(LogBlocks);
        Assert.NotEmpty(GoodBlocks);
    }

    private static TheoryData<string, int> At(Func<DocsBlock, bool> which) =>
        [.. DocsPages.Blocks.Where(which).Select(block => (block.Page, block.Line))];

    private static ServiceProvider Services(string json, Action<IServiceCollection>? more = null, string? environment = null)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IHostEnvironment>(new TestEnvironment(environment ?? Environments.Development));
        more?.Invoke(services);
        services.AddSingleton<ILoadReader, FakeLoad>();
        services.AddResilience(configuration.GetSection("Resilience")).AddLoadShedding().AddSharedState(new InMemorySharedState());
        return services.BuildServiceProvider();
    }
}
