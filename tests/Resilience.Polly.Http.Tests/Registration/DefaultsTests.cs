using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Registration;

/// <summary>A pipeline for all clients, and what single clients say instead.</summary>
public class DefaultsTests
{
    private const string Handler = "ResilienceHandler";
    private const int Rounds = 400;

    private sealed class Marker(string name) : DelegatingHandler
    {
        public string Name => name;
    }

    [Fact]
    public async Task Nameless_default_gives_each_client_the_pipeline_of_its_name()
    {
        await using var server = new ScriptedServer(Reply.Status(500));
        await using var services = Services(s =>
        {
            s.ConfigureHttpClientDefaults(client => client.AddResilience());
            s.AddHttpClient("stock");
            s.AddHttpClient("mail");
            s.AddResilience()
                .AddPipeline("stock", o => (o.BaseAddress, o.CircuitBreaker.FailureThreshold) = (server.Address, 1))
                .AddPipeline("mail", o => o.BaseAddress = server.Address);
        });
        var clients = services.GetRequiredService<IHttpClientFactory>();

        (await clients.CreateClient("stock").GetAsync("/")).Dispose();
        (await clients.CreateClient("mail").GetAsync("/")).Dispose();

        await Assert.ThrowsAsync<CircuitOpenException>(() => clients.CreateClient("stock").GetAsync("/"));
        Assert.Equal(Timeout.InfiniteTimeSpan, clients.CreateClient("mail").Timeout);
        Assert.Contains("no resilience pipeline named 'other'", Assert.Throws<KeyNotFoundException>(() => clients.CreateClient("other")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pipeline_of_a_client_replaces_the_default_and_can_be_taken_away(bool isDefaultFirst)
    {
        await using var services = Services(s =>
        {
            if (isDefaultFirst)
            {
                s.ConfigureHttpClientDefaults(client => client.AddResilience("common"));
            }

            s.AddHttpClient("own").AddResilience("special");
            s.AddHttpClient("none").RemoveResilience();
            s.AddHttpClient("again").AddResilience("common").RemoveResilience().AddResilience("special");
            s.AddHttpClient("plain");
            s.AddResilientClient("orders", _ => { });
            if (!isDefaultFirst)
            {
                s.ConfigureHttpClientDefaults(client => client.AddResilience("common"));
            }

            s.AddResilience().AddPipeline("common").AddPipeline("special");
        });

        Assert.Equal(["special"], PipelinesOf(services, "own"));
        Assert.Equal([], PipelinesOf(services, "none"));
        Assert.Equal(["special"], PipelinesOf(services, "again"));
        Assert.Equal(["common"], PipelinesOf(services, "plain"));
        Assert.Equal(["orders"], PipelinesOf(services, "orders"));
        Assert.Equal(TimeSpan.FromSeconds(100), services.GetRequiredService<IHttpClientFactory>().CreateClient("none").Timeout);
        Assert.DoesNotContain("PhaseTimeoutHandler", ChainOf(services, "none"));
        Assert.Contains("PhaseTimeoutHandler", ChainOf(services, "plain"));
    }

    /// <summary>Any order of defaults, clients, handlers and removals: one handler, with the pipeline and at the place of the last word.</summary>
    [Fact]
    public async Task A_client_has_one_pipeline_where_its_last_word_puts_it()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var steps = Enumerable.Range(0, random.Next(1, 7)).Select(number => (IsDefault: random.Next(2) == 0, What: random.Next(4), Number: number)).ToArray();
            await using var services = Services(s =>
            {
                s.AddResilience().AddPipeline("common").AddPipeline("special").AddPipeline("x");
                foreach (var step in steps)
                {
                    if (step.IsDefault)
                    {
                        s.ConfigureHttpClientDefaults(client => Apply(client, step));
                    }
                    else
                    {
                        Apply(s.AddHttpClient("x"), step);
                    }
                }
            });

            var expected = Expected(steps);
            var seen = expected is null ? null : ChainOf(services, "x").Where(name => name.StartsWith(Handler, StringComparison.Ordinal) || name[0] == '#').ToArray();

            if (expected is null)
            {
                Assert.Throws<InvalidOperationException>(() => ChainOf(services, "x"));
            }
            else
            {
                Assert.True(expected.SequenceEqual(seen!), $"seed {seed}, round {round}: {string.Join("; ", steps)} gave {string.Join(" > ", seen!)}, expected {string.Join(" > ", expected)}");
            }
        }

        static void Apply(IHttpClientBuilder client, (bool IsDefault, int What, int Number) step) => _ = step.What switch
        {
            0 => client.AddResilience(step.IsDefault ? "common" : "special"),
            1 => client.AddResilience(),
            2 => client.RemoveResilience(),
            _ => client.AddHttpMessageHandler(() => new Marker($"#{step.Number}")),
        };
    }

    /// <summary>What was said for all comes before what was said for one, as .NET has it; null where the client has two pipelines of its own.</summary>
    private static List<string>? Expected((bool IsDefault, int What, int Number)[] steps)
    {
        var chain = new List<string>();
        var hasOwn = false;
        foreach (var step in steps.OrderByDescending(step => step.IsDefault))
        {
            if (step.What == 3)
            {
                chain.Add($"#{step.Number}");
                continue;
            }

            if (!step.IsDefault && hasOwn && step.What < 2)
            {
                return null;
            }

            hasOwn = !step.IsDefault && step.What < 2;
            chain.RemoveAll(name => name[0] != '#');
            if (step.What < 2)
            {
                chain.Add($"{Handler} {(step.What == 1 ? "x" : step.IsDefault ? "common" : "special")}");
            }
        }

        return chain;
    }

    private static ServiceProvider Services(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        return services.BuildServiceProvider();
    }

    private static IEnumerable<string> PipelinesOf(IServiceProvider services, string client) =>
        ChainOf(services, client).Where(name => name.StartsWith(Handler, StringComparison.Ordinal)).Select(name => name[(Handler.Length + 1)..]);

    /// <summary>The handlers of a client, outermost first, by name: the library opens its types to nobody.</summary>
    private static List<string> ChainOf(IServiceProvider services, string client)
    {
        var names = new List<string>();
        for (HttpMessageHandler? next = services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client); next is not null; next = (next as DelegatingHandler)?.InnerHandler)
        {
            var pipeline = next.GetType().GetProperty("PipelineName")?.GetValue(next);
            names.Add(next is Marker marker ? marker.Name : pipeline is null ? next.GetType().Name : $"{next.GetType().Name} {pipeline}");
        }

        return names;
    }
}
