using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>A replay is the first answer again, byte for byte.</summary>
public class ReplayTests
{
    public static TheoryData<string> Handlers => [.. HandlersByName.Keys];

    private static Dictionary<string, RequestDelegate> HandlersByName => new()
    {
        ["created with a location"] = context => Results.Created("/orders/7", new { id = 7, text = "é" }).ExecuteAsync(context),
        ["no content"] = context => Results.NoContent().ExecuteAsync(context),
        ["nothing at all"] = _ => Task.CompletedTask,
        ["redirect"] = context => Results.Redirect("/elsewhere").ExecuteAsync(context),
        ["not found"] = context => Results.NotFound(new { missing = true }).ExecuteAsync(context),
        ["conflict"] = context => Results.Conflict(new { reason = "No." }).ExecuteAsync(context),
        ["a file"] = context => Results.File(typeof(LogRecorder).Assembly.Location, "application/octet-stream", "tests.dll").ExecuteAsync(context),
        ["all bytes"] = context => context.Response.Body.WriteAsync(Bytes(70_000)).AsTask(),
        ["a written pipe that was not flushed"] = context =>
        {
            context.Response.BodyWriter.Write(Bytes(30_000));
            return Task.CompletedTask;
        },
        ["pipe and stream in turns"] = async context =>
        {
            for (var i = 0; i < 50; i++)
            {
                context.Response.BodyWriter.Write(Bytes(i * 7));
                await context.Response.WriteAsync($"<{i}>");
                context.Response.Body.Write(Bytes(i));
                if (i % 10 == 0)
                {
                    await context.Response.Body.FlushAsync();
                }
            }
        },
        ["its own content length"] = context =>
        {
            context.Response.ContentLength = 5;
            return context.Response.WriteAsync("12345");
        },
        ["started and completed by itself"] = async context =>
        {
            context.Response.Headers["X-Order"] = "7";
            await context.Response.StartAsync();
            await context.Response.WriteAsync("early");
            await context.Response.CompleteAsync();
        },
        ["header set when the response starts"] = context =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["X-Late"] = "1";
                return Task.CompletedTask;
            });
            return context.Response.WriteAsync("late");
        },
        ["headers of many values"] = context =>
        {
            context.Response.Headers["X-Many"] = new[] { "a", "b, c", "" };
            context.Response.Headers.Append("Link", "<https://example.com>; rel=next");
            context.Response.Headers.ETag = "\"1\"";
            return context.Response.WriteAsync("");
        },
    };

    [Theory]
    [MemberData(nameof(Handlers))]
    public async Task Replay_has_status_headers_and_bytes_of_the_first_answer(string name)
    {
        var count = 0;
        var handler = HandlersByName[name];
        var store = new TestStore();
        Task<IdempotencyApp> StartAsync() => IdempotencyApp.StartAsync(
            context =>
            {
                Interlocked.Increment(ref count);
                context.Response.Headers["X-Random"] = Guid.NewGuid().ToString();
                return handler(context);
            },
            store: store);
        await using var app = await StartAsync();
        await using var other = await StartAsync();

        var first = await app.PostAsync("k");
        var replay = await app.PostAsync("k");
        var elsewhere = await other.PostAsync("k");

        Assert.Equal((false, true, true, 1), (first.IsReplay, replay.IsReplay, elsewhere.IsReplay, count));
        Assert.Equal(first.Same, replay.Same);
        Assert.Equal(first.Same, elsewhere.Same);
    }

    [Theory]
    [MemberData(nameof(Handlers))]
    public async Task First_answer_is_that_of_an_endpoint_without_idempotency(string name)
    {
        var handler = HandlersByName[name];
        await using var app = await IdempotencyApp.StartAsync(Handle, map: app => app.MapPost("/plain", Handle));

        var plain = await app.PostAsync(null, path: "/plain");
        var protectedOne = await app.PostAsync("k");

        Assert.Equal(WithoutFraming(plain), WithoutFraming(protectedOne));

        Task Handle(HttpContext context)
        {
            context.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
            return handler(context);
        }
    }

    [Fact]
    public async Task Headers_of_one_exchange_are_not_replayed()
    {
        string[] ofOneExchange = ["Set-Cookie", "traceparent", "tracestate", "X-Request-ID", "X-Correlation-ID", "Keep-Alive", "Server-Timing", "Upgrade"];
        await using var app = await IdempotencyApp.StartAsync(context =>
        {
            foreach (var name in ofOneExchange)
            {
                context.Response.Headers[name] = "a=1";
            }

            context.Response.Headers.Connection = "X-Hop, close";
            context.Response.Headers["X-Hop"] = "1";
            context.Response.Headers["X-End"] = "1";
            return Task.CompletedTask;
        });

        var first = await app.PostAsync("k");
        var replay = await app.PostAsync("k");

        Assert.All(ofOneExchange.Append("X-Hop"), name => Assert.True(first[name] is not null, name));
        Assert.All(ofOneExchange.Append("X-Hop"), name => Assert.True(replay[name] is null, name));
        Assert.Equal("1", replay["X-End"]);
        Assert.NotNull(replay["Date"]);
    }

    [Fact]
    public async Task Replay_has_the_cookies_and_headers_that_stand_before_the_middleware_for_each_request_anew()
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(_ => Task.CompletedTask, before: app => app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["X-Count"] = $"{++count}";
                return Task.CompletedTask;
            });
            return next(context);
        }));

        Assert.Equal("1", (await app.PostAsync("k"))["X-Count"]);
        Assert.Equal("2", (await app.PostAsync("k"))["X-Count"]);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(202, true)]
    [InlineData(302, true)]
    [InlineData(400, true)]
    [InlineData(401, false)]
    [InlineData(402, true)]
    [InlineData(403, false)]
    [InlineData(404, true)]
    [InlineData(408, false)]
    [InlineData(409, true)]
    [InlineData(422, true)]
    [InlineData(425, false)]
    [InlineData(429, false)]
    [InlineData(499, true)]
    [InlineData(500, false)]
    [InlineData(502, false)]
    [InlineData(503, false)]
    [InlineData(504, false)]
    public async Task Answer_is_kept_if_it_says_what_the_request_led_to(int status, bool isKept)
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync($"{++count}");
        });

        var first = await app.PostAsync("k");
        var second = await app.PostAsync("k");

        Assert.Equal((status, "1", status, isKept ? "1" : "2", isKept), (first.Status, first.Body, second.Status, second.Body, second.IsReplay));
    }

    [Fact]
    public async Task Throwing_handler_releases_the_key()
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half an answer");
            if (++count == 1)
            {
                throw new InvalidOperationException("a bug");
            }
        });

        Assert.Equal((500, ""), ((await app.PostAsync("k")) is var first ? (first.Status, first.Body) : default));

        var second = await app.PostAsync("k");
        Assert.Equal((200, "half an answer", false), (second.Status, second.Body, second.IsReplay));
        Assert.True((await app.PostAsync("k")).IsReplay);
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    [InlineData(3_000_000, false)]
    public async Task Answer_over_the_limit_is_sent_and_its_repetition_gets_409(int length, bool isKept)
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                count++;
                for (var sent = 0; sent < length;)
                {
                    var slice = Math.Min(777, length - sent);
                    await context.Response.Body.WriteAsync(Bytes(slice));
                    sent += slice;
                }
            },
            options => options.MaxResponseSize = 1_000);

        var first = await app.PostAsync("k");
        var second = await app.PostAsync("k");

        Assert.Equal((200, length, 1), (first.Status, first.Bytes.Length, count));
        Assert.Equal((isKept ? 200 : 409, isKept ? null : "idempotency-response-too-large"), (second.Status, second.Code));
        Assert.Null(second["Retry-After"]);
        Assert.Equal(!isKept, app.Log.Events.ContainsKey(37));
    }

    [Fact]
    public async Task Answer_over_the_limit_arrives_while_the_handler_runs()
    {
        var mayEnd = new TaskCompletionSource();
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                context.Response.Headers["X-Early"] = "1";
                await context.Response.WriteAsync("0123456789");
                await context.Response.Body.FlushAsync();
                await mayEnd.Task;
                await context.Response.WriteAsync("end");
            },
            options => options.MaxResponseSize = 5);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Headers = { { "Idempotency-Key", "k" } } };
        using var response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var begin = new byte[10];
        await body.ReadExactlyAsync(begin);

        Assert.Equal("0123456789"u8.ToArray(), begin);
        Assert.Equal(["1"], response.Headers.GetValues("X-Early"));
        mayEnd.SetResult();
        Assert.Equal("end", await new StreamReader(body).ReadToEndAsync());
    }

    [Fact]
    public async Task Random_answers_are_replayed_as_they_were()
    {
        var seed = Environment.TickCount;
        await using var app = await IdempotencyApp.StartAsync(async context =>
        {
            var random = new Random(int.Parse(context.Request.Query["seed"]!, CultureInfo.InvariantCulture));
            context.Response.StatusCode = random.Next(8) switch { 0 => 204, 1 => 404, 2 => 301, _ => 200 + random.Next(3) };
            for (var i = random.Next(20); i > 0; i--)
            {
                context.Response.Headers.Append($"X-{random.Next(10)}", string.Concat(Enumerable.Range(0, random.Next(50)).Select(_ => (char)random.Next(' ', '~'))).Trim());
            }

            for (var i = context.Response.StatusCode == 204 ? 0 : random.Next(10); i > 0; i--)
            {
                var bytes = new byte[random.Next(5_000)];
                random.NextBytes(bytes);
                if (random.Next(2) == 0)
                {
                    await context.Response.Body.WriteAsync(bytes);
                }
                else
                {
                    context.Response.BodyWriter.Write(bytes);
                }
            }
        });
        for (var i = 0; i < 200; i++)
        {
            var path = $"/orders?seed={seed + i}";
            var first = await app.PostAsync($"k{i}", path: path);
            var replay = await app.PostAsync($"k{i}", path: path);

            Assert.True(replay.IsReplay && first.Same == replay.Same, $"seed {seed + i}: {first.Same[..Math.Min(2_000, first.Same.Length)]}\n---\n{replay.Same[..Math.Min(2_000, replay.Same.Length)]}");
        }
    }

    [Fact]
    public async Task Damaged_result_is_a_clear_error_and_never_a_second_execution()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (count, unreadable) = (0, 0);
        var store = new TestStore();
        await using var writer = await IdempotencyApp.StartAsync(Handle, store: store);
        await using var reader = await IdempotencyApp.StartAsync(Handle, store: store);
        await writer.PostAsync("k");
        for (var i = 0; i < 500; i++)
        {
            store.Mangle = result => i switch
            {
                0 => [],
                1 => result[..^1],
                2 => [.. result, 0],
                3 => [.. result[..4], 2, .. result[5..]],
                _ => Damaged(result, random),
            };
            var answer = await reader.PostAsync("k");

            Assert.True(answer.Code is null or "idempotency-response-unreadable" or "idempotency-response-too-large" or "idempotency-response-lost", $"seed {seed}, round {i}: {answer.Status} {answer.Code}");
            Assert.True(i > 3 || (answer.Status, answer.Code) == (500, "idempotency-response-unreadable"), $"round {i}: {answer.Status}");
            unreadable += answer.Code == "idempotency-response-unreadable" ? 1 : 0;
        }

        Assert.Equal(1, count);
        Assert.InRange(unreadable, 20, 500);
        Assert.Contains(36, reader.Log.Events.Keys);

        Task Handle(HttpContext context)
        {
            count++;
            context.Response.Headers["X-A"] = new[] { "1", "2" };
            return context.Response.WriteAsync("answer");
        }
    }

    // Header bytes that no server sends and lengths without end included; status and header texts are left, since a server refuses to send some.
    private static byte[] Damaged(byte[] result, Random random)
    {
        var copy = result.ToArray();
        switch (random.Next(3))
        {
            case 0:
                return copy[..random.Next(copy.Length)];
            case 1:
                copy[random.Next(6)] ^= (byte)random.Next(1, 256);
                return copy;
            default:
                BitConverter.GetBytes(random.Next(3) == 0 ? int.MaxValue : random.Next(int.MinValue, int.MaxValue)).CopyTo(copy, 10);
                return copy;
        }
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 31))];

    // How a body is framed may differ: its length is known here. Neither does the random id match.
    private static string WithoutFraming(IdempotencyApp.Answer answer) =>
        string.Join('\n', answer.Same.Split('\n').Where(line => !line.StartsWith("Content-Length", StringComparison.Ordinal) && !line.StartsWith("Transfer-Encoding", StringComparison.Ordinal)));
}
