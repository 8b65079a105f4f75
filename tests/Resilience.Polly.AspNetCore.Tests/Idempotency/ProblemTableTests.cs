using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Each row of the table of answers.</summary>
public class ProblemTableTests
{
    private static readonly string Key255 = new('k', 255);

    public static TheoryData<string?, string, string> Refused => new()
    {
        { null, "idempotency-key-missing", "missing" },
        { "", "idempotency-key-invalid", "empty" },
        { " ", "idempotency-key-invalid", "blank" },
        { "\"\"", "idempotency-key-invalid", "empty string" },
        { "\"  \"", "idempotency-key-invalid", "blank string" },
        { Key255 + "k", "idempotency-key-invalid", "too long" },
        { $"\"{Key255}k\"", "idempotency-key-invalid", "too long string" },
        { "\"a\", \"b\"", "idempotency-key-invalid", "a list" },
        { "a,b", "idempotency-key-invalid", "a bare list" },
        { "a b", "idempotency-key-invalid", "bare with a space" },
        { "\"a", "idempotency-key-invalid", "not closed" },
        { "a\"", "idempotency-key-invalid", "not opened" },
        { "\"a\\\"", "idempotency-key-invalid", "escaped end" },
        { "\"a\\n\"", "idempotency-key-invalid", "unknown escape" },
        { "\"a\";p=1", "idempotency-key-invalid", "with a parameter" },
        { "\"kéy\"", "idempotency-key-invalid", "not ASCII" },
        { "kéy", "idempotency-key-invalid", "bare and not ASCII" },
        { "\"a\tb\"", "idempotency-key-invalid", "with a tab" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Request_without_a_valid_key_gets_400_and_is_not_executed(string? key, string code, string why)
    {
        var count = 0;
        await using var app = await StartAsync(() => count++);

        var answer = await app.PostAsync(key);

        Assert.Equal((400, code, 0), (answer.Status, answer.Code, count));
        Assert.Null(answer["Retry-After"]);
        Assert.True(why.Length > 0);
    }

    [Fact]
    public async Task Request_with_several_headers_gets_400()
    {
        var count = 0;
        await using var app = await StartAsync(() => count++);
        var raw = await RawRequest.SendAsync(app.Address, "POST /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\nIdempotency-Key: a\r\nIdempotency-Key: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", raw, StringComparison.Ordinal);
        Assert.Contains("idempotency-key-invalid", raw, StringComparison.Ordinal);
        Assert.Equal(0, count);
    }

    [Theory]
    [InlineData("\"k 1\"", "\"k 1\"")]
    [InlineData("k1", "\"k1\"")]
    [InlineData("\"k1\"", "k1")]
    [InlineData("\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"")]
    [InlineData("a+b/c=", "\"a+b/c=\"")]
    public async Task Same_key_is_replayed_quoted_or_not(string first, string second)
    {
        var count = 0;
        await using var app = await StartAsync(() => count++);

        var one = await app.PostAsync(first);
        var two = await app.PostAsync(second);

        Assert.Equal((200, false, true, 1), (one.Status, one.IsReplay, two.IsReplay, count));
        Assert.Equal(one.Same, two.Same);
    }

    [Fact]
    public async Task Key_of_255_characters_is_accepted()
    {
        await using var app = await StartAsync(() => 0);

        Assert.Equal(200, (await app.PostAsync(Key255)).Status);
        Assert.Equal(200, (await app.PostAsync($"\"{Key255[1..]}\\\\\"")).Status);
    }

    [Fact]
    public async Task Caller_that_accepts_no_JSON_gets_the_problem_nevertheless()
    {
        await using var app = await StartAsync(() => 0);
        app.Client.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        var answer = await app.PostAsync(null);

        Assert.Equal((400, "idempotency-key-missing"), (answer.Status, answer.Code));
        using var problem = JsonDocument.Parse(answer.Body);
        Assert.Equal((400, "Bad Request"), (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("title").GetString()));
        Assert.StartsWith("This endpoint needs the header Idempotency-Key", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_without_a_key_is_executed_each_time_where_none_is_required()
    {
        var count = 0;
        await using var app = await StartAsync(() => count++, options => options.RequireKey = false);

        Assert.Equal(200, (await app.PostAsync(null)).Status);
        Assert.Equal(200, (await app.PostAsync(null)).Status);
        Assert.Equal(400, (await app.PostAsync("a b")).Status);

        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("query")]
    [InlineData("content type")]
    [InlineData("path")]
    [InlineData("whitespace")]
    public async Task Same_key_with_another_request_gets_422_when_the_first_is_completed(string what)
    {
        var count = 0;
        await using var app = await StartAsync(() => count++);
        await app.SendAsync(HttpMethod.Put, "k", "{}", "/orders/1?a=1");

        var answer = await OtherAsync(app, what);

        Assert.Equal((422, "idempotency-key-reused", 1), (answer.Status, answer.Code, count));
        Assert.Null(answer["Retry-After"]);
        Assert.True((await app.SendAsync(HttpMethod.Put, "k", "{}", "/orders/1?a=1")).IsReplay);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("query")]
    [InlineData("content type")]
    [InlineData("path")]
    public async Task Same_key_with_another_request_gets_422_while_the_first_runs(string what)
    {
        var handler = new HeldHandler();
        await using var app = await IdempotencyApp.StartAsync(handler.HandleAsync);
        var first = app.SendAsync(HttpMethod.Put, "k", "{}", "/orders/1?a=1");
        await handler.InsideAsync();

        var answer = await OtherAsync(app, what);
        handler.End();

        Assert.Equal((422, "idempotency-key-reused"), (answer.Status, answer.Code));
        Assert.Equal(200, (await first).Status);
    }

    [Fact]
    public async Task Same_key_with_another_method_or_endpoint_is_another_call()
    {
        var count = 0;
        await using var app = await StartAsync(() => count++, map: app => app.MapDelete("/orders/{id}", context =>
        {
            count++;
            return Task.CompletedTask;
        }).RequireIdempotency());
        await app.PostAsync("k");
        await app.SendAsync(HttpMethod.Put, "k", path: "/orders/1");
        await app.SendAsync(HttpMethod.Delete, "k", path: "/orders/1");

        Assert.Equal(3, count);
    }

    [Fact]
    public async Task Request_while_the_first_runs_gets_409_and_a_time_to_retry()
    {
        var handler = new HeldHandler("done");
        await using var app = await IdempotencyApp.StartAsync(handler.HandleAsync);
        var first = app.PostAsync("k");
        await handler.InsideAsync();

        var second = await app.PostAsync("k");
        handler.End();
        var one = await first;
        var third = await app.PostAsync("k");

        Assert.Equal((409, "idempotency-request-running", "1"), (second.Status, second.Code, second["Retry-After"]));
        Assert.Equal(("done", false), (one.Body, one.IsReplay));
        Assert.Equal((one.Same, true), (third.Same, third.IsReplay));
    }

    [Fact]
    public async Task Request_while_the_first_runs_waits_for_its_answer_where_the_options_say_so()
    {
        var handler = new HeldHandler("done");
        await using var app = await IdempotencyApp.StartAsync(handler.HandleAsync, options => options.WaitForRunning = TimeSpan.FromMinutes(5));
        var first = app.PostAsync("k");
        await handler.InsideAsync();

        var second = app.PostAsync("k");
        await Task.WhenAny(second, Task.Delay(200));
        Assert.False(second.IsCompleted);
        handler.End();

        Assert.Equal(((await first).Same, true), ((await second).Same, (await second).IsReplay));
    }

    [Fact]
    public async Task Wait_for_the_first_ends_with_409()
    {
        var handler = new HeldHandler();
        await using var app = await IdempotencyApp.StartAsync(handler.HandleAsync, options => options.WaitForRunning = TimeSpan.FromMilliseconds(200));
        var first = app.PostAsync("k");
        await handler.InsideAsync();

        var second = await app.PostAsync("k");
        handler.End();

        Assert.Equal((200, 409, "idempotency-request-running"), ((await first).Status, second.Status, second.Code));
    }

    [Fact]
    public async Task Key_of_another_principal_is_another_call()
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(context => context.Response.WriteAsync($"secret of {context.User.FindFirst(System.Security.Claims.ClaimTypes.NameIdentifier)?.Value} {++count}"));

        var alice = await app.PostAsync("k", user: "alice");
        var bob = await app.PostAsync("k", user: "bob");
        var nobody = await app.PostAsync("k");
        var other = await app.PostAsync("k", "{\"other\":1}", user: "carol");

        Assert.Equal(["secret of alice 1", "secret of bob 2", "secret of  3", "secret of carol 4"], new[] { alice, bob, nobody, other }.Select(answer => answer.Body));
        Assert.All(new[] { alice, bob, nobody, other }, answer => Assert.False(answer.IsReplay));
        Assert.Equal(alice.Same, (await app.PostAsync("k", user: "alice")).Same);
        Assert.Equal(4, count);
    }

    [Fact]
    public async Task Application_says_who_sends_a_request()
    {
        var count = 0;
        await using var app = await StartAsync(() => count++, options => options.PrincipalSelector = context => context.Request.Headers["X-User"].ToString().Split('@')[1]);

        await app.PostAsync("k", user: "alice@one");

        Assert.True((await app.PostAsync("k", user: "bob@one")).IsReplay);
        Assert.False((await app.PostAsync("k", user: "alice@two")).IsReplay);
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task Authenticated_user_without_an_identifier_is_refused_rather_than_mixed_with_others()
    {
        var count = 0;
        var failures = new List<Exception>();
        await using var app = await StartAsync(() => count++, before: app => app.Use(async (context, next) =>
        {
            context.User = new(new System.Security.Claims.ClaimsIdentity([new("role", "admin")], "key"));
            try
            {
                await next(context);
            }
            catch (InvalidOperationException exception)
            {
                failures.Add(exception);
                context.Response.StatusCode = 500;
            }
        }));

        Assert.Equal(500, (await app.PostAsync("k")).Status);

        Assert.Equal(0, count);
        Assert.Contains("Set PrincipalSelector", Assert.Single(failures).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(101, 413)]
    [InlineData(1_000_000, 413)]
    public async Task Body_over_the_limit_gets_413(int length, int status)
    {
        var bodies = new List<string>();
        await using var app = await IdempotencyApp.StartAsync(
            async context => bodies.Add(await new StreamReader(context.Request.Body).ReadToEndAsync()), options => options.MaxRequestSize = 100);
        var body = new string('b', length);

        var answer = await app.PostAsync("k", body);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = new StringContent(body), Headers = { { "Idempotency-Key", "c" }, { "Transfer-Encoding", "chunked" } } };
        using var other = await app.Client.SendAsync(chunked);

        Assert.Equal((status, status), (answer.Status, (int)other.StatusCode));
        Assert.Equal(status == 200 ? [body, body] : [], bodies);
        Assert.Equal(status == 413 ? "idempotency-body-too-large" : null, answer.Code);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Methods_that_change_nothing_are_left_alone(string method)
    {
        var count = 0;
        await using var app = await StartAsync(() => 0, map: app => app.MapMethods("/read", [method], context =>
        {
            count++;
            return Task.CompletedTask;
        }).RequireIdempotency());

        Assert.Equal(200, (await app.SendAsync(new(method), "k", "", "/read")).Status);
        Assert.Equal(200, (await app.SendAsync(new(method), null, "", "/read")).Status);
        Assert.Equal(2, count);
    }

    private static Task<IdempotencyApp.Answer> OtherAsync(IdempotencyApp app, string what) => what switch
    {
        "body" => app.SendAsync(HttpMethod.Put, "k", "{\"a\":1}", "/orders/1?a=1"),
        "query" => app.SendAsync(HttpMethod.Put, "k", "{}", "/orders/1?a=2"),
        "content type" => app.SendAsync(HttpMethod.Put, "k", "{}", "/orders/1?a=1", type: "text/plain"),
        "path" => app.SendAsync(HttpMethod.Put, "k", "{}", "/orders/2?a=1"),
        _ => app.SendAsync(HttpMethod.Put, "k", "{ }", "/orders/1?a=1"),
    };

    private static Task<IdempotencyApp> StartAsync(
        Func<int> count, Action<IdempotentEndpointOptions>? configure = null, Action<WebApplication>? map = null, Action<WebApplication>? before = null) =>
        IdempotencyApp.StartAsync(context => context.Response.WriteAsync($"{count()}"), configure, map: map, before: before);
}
