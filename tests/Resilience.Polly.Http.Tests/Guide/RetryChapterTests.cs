namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 2: Retry Pattern", line by line.</summary>
public class RetryChapterTests
{
    private sealed record User(int Id, string Name);

    private sealed record Order(string OrderId);

    private sealed record NewOrder(string Item);

    [Fact]
    public void Configuration_examples()
    {
        var userFacing = new RetryOptions
        {
            MaxAttempts = 3,                     // a quick failure
            MinWait = TimeSpan.FromSeconds(0.5), // a quick second attempt
            MaxWait = TimeSpan.FromSeconds(10),  // users do not wait for longer
            Multiplier = 2,                      // each wait is twice the one before
            Jitter = true,
        };
        var background = new RetryOptions
        {
            MaxAttempts = 5,
            MinWait = TimeSpan.FromSeconds(1),
            MaxWait = TimeSpan.FromMinutes(5),
            Multiplier = 2,
            Jitter = true,
        };
        Assert.Equal(Values(RetryPresets.Conservative), Values(userFacing));
        Assert.Equal(Values(RetryPresets.Aggressive), Values(background));
    }

    [Fact]
    public async Task What_should_be_retried_infrastructure_is_by_the_client()
    {
        await using var server = new ScriptedServer(Reply.Reset, Reply.Status(503), Reply.Json("""{"id":123,"name":"Ada"}"""));
        await using var app = new HttpApp(o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 3));
        Assert.Equal(new User(123, "Ada"), await SmartRetryExampleAsync(app.Client));
    }

    [Fact]
    public async Task What_should_be_retried_a_wrong_token_is_by_the_caller_who_has_a_new_one()
    {
        await using var server = new ScriptedServer(Reply.Status(401), Reply.Json("""{"id":123,"name":"Ada"}"""));
        await using var app = new HttpApp(o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 3));
        var refreshed = 0;
        Assert.Equal(new User(123, "Ada"), await SmartRetryExampleAsync(app.Client, () => refreshed++));
        Assert.Equal((1, 2), (refreshed, server.Requests.Count));
    }

    [Fact]
    public async Task What_should_be_retried_a_wrong_request_is_not()
    {
        await using var server = new ScriptedServer(Reply.Status(404));
        await using var app = new HttpApp(o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 3));
        await Assert.ThrowsAsync<NotFoundException>(() => SmartRetryExampleAsync(app.Client));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Idempotency_without_a_key_an_order_is_not_sent_twice()
    {
        // Request 1: POST /api/orders (creates order #12345) -> Network timeout
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = new HttpApp(o =>
        {
            o.BaseAddress = server.Address;
            o.Timeout.Read = TimeSpan.FromMilliseconds(200);
            o.Retry.MaxAttempts = 3;
        });
        await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.PostJsonAsync("/api/orders", new Order("12345")));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Idempotency_with_a_key_the_server_returns_the_same_order()
    {
        // Server will check this key to prevent duplicates
        var orders = new Dictionary<string, string>();
        await using var server = new ScriptedServer((request, number) =>
        {
            var key = request.Header("X-Request-ID")!;
            orders.TryAdd(key, $"{12345 + orders.Count}");
            return number == 1 ? Reply.Silence : Reply.Json($$"""{"orderId":"{{orders[key]}}"}""");
        });
        await using var app = new HttpApp(o =>
        {
            o.BaseAddress = server.Address;
            o.Timeout.Read = TimeSpan.FromMilliseconds(200);
            o.Retry.MaxAttempts = 3;
        });

        var client = app.Client;
        Assert.Equal(new Order("12345"), await CreateOrderSafelyAsync(new NewOrder("lamp")));
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(orders);

        async Task<Order?> CreateOrderSafelyAsync(NewOrder newOrder)
        {
            var key = Guid.NewGuid().ToString(); // one key for all attempts
            return await client.PostJsonAsync<NewOrder, Order>("/api/orders", newOrder, requestId: key);
        }
    }

    private static Task<User?> SmartRetryExampleAsync(ResilientClient client, Action? refreshToken = null)
    {
        return SmartRetryExampleAsync();

        Task RefreshTokenAsync()
        {
            refreshToken?.Invoke();
            return Task.CompletedTask;
        }

        async Task<User?> SmartRetryExampleAsync()
        {
            try
            {
                return await client.GetJsonAsync<User>("/api/user/123");
            }
            catch (ApiUnauthorizedException) // 401: never retried, since the same token stays wrong
            {
                await RefreshTokenAsync();
                return await client.GetJsonAsync<User>("/api/user/123");
            }
        }
    }

    private static (int, TimeSpan, TimeSpan, double, bool) Values(RetryOptions retry) =>
        (retry.MaxAttempts, retry.MinWait, retry.MaxWait, retry.Multiplier, retry.Jitter);
}
