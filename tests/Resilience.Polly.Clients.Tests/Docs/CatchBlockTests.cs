using Microsoft.Extensions.DependencyInjection;
using Polly;
using Resilience.Polly.Http;
using Resilience.Polly.Tests;

namespace Resilience.Polly.Clients.Tests;

/// <summary>The table of <c>docs/failures.md</c> tells which exceptions a caller saw before, and which it sees now.</summary>
public class CatchBlockTests
{
    private const string Name = "catalog";

    private const string Timeout = "no answer in time";

    // What hangs is ended by it; whatever else is tried ends by itself, and before the wide one.
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Wide = TimeSpan.FromSeconds(20);

    private static readonly IReadOnlyDictionary<string, Func<Uri, Func<string, CancellationToken, Task>, Task>> Events =
        new Dictionary<string, Func<Uri, Func<string, CancellationToken, Task>, Task>>
        {
            ["the connection is refused"] = (_, get) => get($"http://127.0.0.1:{FreePort.Find()}/", default),
            ["the answer breaks off"] = (server, get) => get($"{server}cut", default),
            [Timeout] = (server, get) => get($"{server}silence", default),
            ["the circuit is open"] = async (server, get) =>
            {
                // Two failures open the circuit; only the third call is looked at.
                await IgnoreAsync(get($"{server}503", default));
                await IgnoreAsync(get($"{server}503", default));
                await get($"{server}503", default);
            },
            ["too many calls at once"] = async (server, get) =>
            {
                using var source = new CancellationTokenSource();
                var first = get($"{server}silence", source.Token);
                try
                {
                    await get($"{server}503", default);
                }
                finally
                {
                    await source.CancelAsync();
                    await IgnoreAsync(first);
                }
            },
            ["an answer of 503, by `GetStringAsync`"] = (server, get) => get($"{server}503", default),
            ["an answer of 404, by `GetStringAsync`"] = (server, get) => get($"{server}404", default),
            ["you cancel"] = async (server, get) =>
            {
                using var source = new CancellationTokenSource(Short / 3);
                await get($"{server}silence", source.Token);
            },
        };

    private static readonly DocsRow[] Rows = [.. DocsTable.RowsWith("over HTTP")];

    public static TheoryData<string> Names => [.. Events.Keys];

    [Fact]
    public void Rows_are_those_that_are_tried() => Assert.Equal(Events.Keys, Rows.Select(row => row["over HTTP"]));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Exceptions_are_those_of_the_row(string happened)
    {
        var row = Rows.Single(row => row["over HTTP"] == happened);
        var limit = happened == Timeout ? Short : Wide;
        await using var server = new ScriptedServer((request, _) => request.Path switch
        {
            "/cut" => Reply.CutInBody(200, "text"u8.ToArray()),
            "/silence" => Reply.Silence,
            var status => Reply.Status(int.Parse(status[1..])),
        });

        await AssertAsync("plain HttpClient", services => services.AddHttpClient(Name, client => client.Timeout = limit));
        await AssertAsync("standard resilience handler", services => services.AddHttpClient(Name).AddStandardResilienceHandler(options =>
        {
            options.AttemptTimeout.Timeout = limit;
            options.TotalRequestTimeout.Timeout = Wide * 2;
            options.CircuitBreaker.SamplingDuration = Wide * 2;
            options.Retry.ShouldHandle = _ => PredicateResult.False();
            options.CircuitBreaker.MinimumThroughput = 2;
            options.RateLimiter.DefaultRateLimiterOptions.PermitLimit = 1;
        }));
        await AssertAsync("HttpClient with `AddResilience`", services =>
        {
            services.AddResilience().AddPipeline(Name, options => Configure(options, limit));
            services.AddHttpClient(Name).AddResilience();
        });
        await AssertAsync("`ResilientClient`", services => services.AddResilientClient(Name, options => Configure(options, limit)));

        async Task AssertAsync(string column, Action<IServiceCollection> register)
        {
            var collection = new ServiceCollection();
            collection.AddLogging();
            register(collection);
            await using var services = collection.BuildServiceProvider();
            if (row[column] is "")
            {
                return; // it has no such thing
            }

            var seen = await Assert.ThrowsAnyAsync<Exception>(() => Events[happened](server.Address, (address, token) => GetAsync(services, address, token)));

            Assert.True(Types(seen).Contains(row.Code(column)), $"{column}: {seen}");
            Assert.True(column is "plain HttpClient" or "standard resilience handler" || happened == "you cancel" || seen is HttpRequestException, $"{column}: {seen}");
        }
    }

    [Fact]
    public void Page_on_the_standard_handler_says_the_same()
    {
        var rows = DocsTable.RowsWith("you catch").Where(row => row.Page == "docs/from-http-resilience.md" && row["it becomes"].StartsWith('`')).ToArray();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Contains(Rows, other =>
            (FirstCode(other["plain HttpClient"]) == FirstCode(row["you catch"]) || FirstCode(other["standard resilience handler"]) == FirstCode(row["you catch"]))
            && FirstCode(other["HttpClient with `AddResilience`"]) == FirstCode(row["it becomes"])));
    }

    private static string? FirstCode(string cell) => cell.Split('`').ElementAtOrDefault(1);

    private static void Configure(PipelineOptions options, TimeSpan limit)
    {
        options.Timeout.Read = limit;
        options.Retry.MaxAttempts = 1;
        options.CircuitBreaker.FailureThreshold = 2;
        options.Bulkhead.MaxConcurrency = 1;
        options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
    }

    private static async Task GetAsync(IServiceProvider services, string address, CancellationToken cancellationToken)
    {
        if (services.GetKeyedService<ResilientClient>(Name) is { } client)
        {
            using var response = await client.GetAsync(address, cancellationToken: cancellationToken);
        }
        else
        {
            await services.GetRequiredService<IHttpClientFactory>().CreateClient(Name).GetStringAsync(new Uri(address), cancellationToken);
        }
    }

    private static IEnumerable<string> Types(Exception exception)
    {
        for (var type = exception.GetType(); type != typeof(Exception); type = type.BaseType!)
        {
            yield return type.Name;
        }
    }

    private static async Task IgnoreAsync(Task call) => await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
