namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The guide's anti-patterns that need a server, bad and good.</summary>
public class AntiPatternTests
{
    private sealed record NewOrder(string Item);

    [Fact]
    public async Task No_timeouts_at_all_hangs_where_a_client_with_limits_fails()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = new HttpApp(o => (o.BaseAddress, o.Timeout.Read) = (server.Address, TimeSpan.FromMilliseconds(200)));
        var (address, client) = (server.Address, app.Client);

        var hanging = GetWithoutLimitAsync();
        await Assert.ThrowsAsync<ApiTimeoutException>(GetWithLimitsAsync);
        Assert.False(hanging.IsCompleted);

        // Bad: can hang for ever.
        async Task<string> GetWithoutLimitAsync()
        {
            using var plain = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
            return await plain.GetStringAsync("/data");
        }

        // Good: 10 s to connect, 30 s without data, 100 s for the attempt.
        async Task<string> GetWithLimitsAsync()
        {
            using var response = await client.GetAsync("/data");
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Retrying_what_stays_wrong_is_refused_again()
    {
        await using var server = new ScriptedServer((_, _) => Reply.Status(400));
        await using var app = new HttpApp(o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 3));
        var client = app.Client;

        await Assert.ThrowsAsync<InvalidRequestException>(() => SendTwiceAsync(new("lamp")));
        Assert.Equal(2, server.Requests.Count);

        // Bad: a second later the order is as wrong as before.
        async Task SendTwiceAsync(NewOrder invalid)
        {
            try
            {
                using var first = await client.PostJsonAsync("/api/orders", invalid);
            }
            catch (InvalidRequestException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                using var second = await client.PostJsonAsync("/api/orders", invalid);
            }
        }
    }

    [Fact]
    public async Task Telling_what_is_wrong_needs_one_request()
    {
        await using var server = new ScriptedServer(Reply.Problem(400, """{ "detail": "no such item" }"""));
        await using var app = new HttpApp(o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 3));
        var client = app.Client;

        Assert.Equal("Please correct: no such item", await SendAsync(new("lamp")));

        // Good: tell the person who can correct the order what is wrong with it.
        async Task<string> SendAsync(NewOrder newOrder)
        {
            try
            {
                using var response = await client.PostJsonAsync("/api/orders", newOrder);
                return "accepted";
            }
            catch (InvalidRequestException invalid)
            {
                return $"Please correct: {invalid.Problem?.Detail}";
            }
        }
    }
}
