using System.Net.Http.Json;

namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The examples of the guide's chapter "Pattern 2: Retry Pattern", line by line.</summary>
public class RetryChapterTests
{
    private sealed record User(int Id, string Name);

    private sealed record Order(string OrderId);

    [Fact]
    public async Task What_should_be_retried_infrastructure_is_by_the_client()
    {
        await using var server = new ScriptedServer(Reply.Reset, Reply.Status(503), Reply.Json("""{"id":123,"name":"Ada"}"""));
        await using var app = new HttpApp(o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 3));
        Assert.Equal(new User(123, "Ada"), await SmartRetryExampleAsync(app.Client, refreshToken: null));
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
        await Assert.ThrowsAsync<NotFoundException>(() => SmartRetryExampleAsync(app.Client, refreshToken: null));
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

        Assert.Equal("12345", (await CreateOrderSafelyAsync(app.Client, new { item = "lamp" })).OrderId);
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(orders);
    }

    private static async Task<User?> SmartRetryExampleAsync(ResilientClient client, Action? refreshToken)
    {
        try
        {
            using var response = await client.GetAsync("/api/user/123");
            return await response.Content.ReadFromJsonAsync<User>();
        }
        catch (ApiConnectionException)
        {
            // These will be automatically retried by the client
            throw;
        }
        catch (ApiUnauthorizedException) when (refreshToken is not null)
        {
            // These will NOT be retried - fix the request instead
            refreshToken();
            using var response = await client.GetAsync("/api/user/123");
            return await response.Content.ReadFromJsonAsync<User>();
        }
    }

    private static async Task<Order> CreateOrderSafelyAsync<TOrder>(ResilientClient client, TOrder orderData)
    {
        // Generate unique idempotency key
        var idempotencyKey = Guid.NewGuid().ToString();

        // Even if this request is retried, the server will return the same order instead of creating a duplicate
        return (await client.PostJsonAsync<TOrder, Order>("/api/orders", orderData, requestId: idempotencyKey))!;
    }
}
