using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>How endpoints are marked, what is refused, and what is described.</summary>
public class RegistrationTests
{
    public static TheoryData<string, Action<IdempotentEndpointOptions>> Wrong => new()
    {
        { "KeyHeader = \"a b\": the name of a header is expected", options => options.KeyHeader = "a b" },
        { "Lease = 00:00:00: out of range, allowed is 00:00:00.1000000 to 01:00:00", options => (options.Lease, options.RenewInterval) = (default, TimeSpan.FromMilliseconds(10)) },
        { "RenewInterval = 00:00:20: too long for a Lease of 00:00:30, allowed is up to 00:00:15", options => options.RenewInterval = TimeSpan.FromSeconds(20) },
        { "RenewInterval = 00:00:00: out of range, allowed is 00:00:00.0100000 to 00:30:00", options => options.RenewInterval = default },
        { "Retention = 366.00:00:00: out of range, allowed is 00:00:01 to 365.00:00:00", options => options.Retention = TimeSpan.FromDays(366) },
        { "Retention = 00:00:10: shorter than the Lease of 00:00:30", options => options.Retention = TimeSpan.FromSeconds(10) },
        { "WaitForRunning = -00:00:01: out of range, allowed is 00:00:00 to 00:05:00", options => options.WaitForRunning = TimeSpan.FromSeconds(-1) },
        { "OnAbandoned = 7: ReExecute or RejectUnknown is expected", options => options.OnAbandoned = (AbandonedCallAction)7 },
        { "OnStoreUnavailable = 7: DegradeLocal or Reject is expected", options => options.OnStoreUnavailable = (StoreUnavailableAction)7 },
        { "StoreTimeout = 00:02:00: out of range, allowed is 00:00:00.0100000 to 00:01:00", options => options.StoreTimeout = TimeSpan.FromMinutes(2) },
        { "MaxRequestSize = -1: out of range, allowed is 0 to 1073741824", options => options.MaxRequestSize = -1 },
        { "MaxResponseSize = 67108865: out of range, allowed is 0 to 67108864", options => options.MaxResponseSize = 67_108_865 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Wrong_defaults_end_the_start(string fault, Action<IdempotentEndpointOptions> configure)
    {
        await using var app = Build(services => services.AddIdempotency(configure));
        app.UseIdempotency();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Equal([fault], refused.Failures);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Wrong_options_of_an_endpoint_end_the_start(string fault, Action<IdempotentEndpointOptions> configure)
    {
        await using var app = Build(services => services.AddIdempotency());
        app.UseIdempotency();
        app.MapPost("/orders/{id}", () => 1).RequireIdempotency(configure);

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Equal([$"Idempotency of endpoint '/orders/{{id}}': {fault}"], refused.Failures);
    }

    [Fact]
    public async Task Bounds_of_the_options_are_accepted()
    {
        await using var app = Build(services => services.AddIdempotency());
        app.UseIdempotency();
        app.MapPost("/least", () => 1).RequireIdempotency(options =>
        {
            (options.Lease, options.RenewInterval, options.Retention) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1));
            (options.WaitForRunning, options.StoreTimeout, options.MaxRequestSize, options.MaxResponseSize) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(10), 0, 0);
        });
        app.MapPost("/most", () => 1).RequireIdempotency(options =>
        {
            (options.Lease, options.RenewInterval, options.Retention) = (TimeSpan.FromHours(1), TimeSpan.FromMinutes(30), TimeSpan.FromDays(365));
            (options.WaitForRunning, options.StoreTimeout, options.MaxRequestSize, options.MaxResponseSize) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), 1_073_741_824, 67_108_864);
        });

        await app.StartAsync();

        using var client = new HttpClient { BaseAddress = new(app.Urls.First()), DefaultRequestHeaders = { { "Idempotency-Key", "k" } } };
        Assert.Equal(200, (int)(await client.PostAsync("/least", null)).StatusCode);
        Assert.Equal(409, (int)(await client.PostAsync("/least", null)).StatusCode);
        Assert.Equal(200, (int)(await client.PostAsync("/most", null)).StatusCode);
    }

    [Fact]
    public async Task Endpoint_without_the_middleware_ends_the_start()
    {
        await using var app = Build(services => services.AddIdempotency());
        app.MapPost("/orders", () => 1).RequireIdempotency();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Contains("'/orders' requires idempotency", refused.Message, StringComparison.Ordinal);
        Assert.Contains("app.UseIdempotency()", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Middleware_without_its_services_is_refused()
    {
        using var app = Build(_ => { });

        Assert.Contains("AddIdempotency", Assert.Throws<InvalidOperationException>(() => app.UseIdempotency()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/minimal")]
    [InlineData("/controller")]
    public async Task Endpoint_without_services_or_middleware_refuses_its_first_request(string path)
    {
        Exception? failure = null;
        await using var app = Build(services => services.AddControllers().AddApplicationPart(typeof(IdempotentController).Assembly));
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }
        });
        app.MapPost("/minimal", () => 1).RequireIdempotency();
        app.MapControllers();
        await app.StartAsync();

        await PostAsync(app, path, "k");

        Assert.Contains("Call builder.Services.AddIdempotency()", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Middleware_before_routing_is_refused_at_the_first_request()
    {
        Exception? failure = null;
        await using var app = Build(services => services.AddIdempotency());
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }
        });
        app.UseIdempotency();
        app.UseRouting();
        app.MapPost("/orders", () => 1).RequireIdempotency();
        await app.StartAsync();

        await PostAsync(app, "/orders", "k");

        Assert.Contains("after app.UseRouting()", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_a_group_apply_before_those_of_an_endpoint()
    {
        await using var app = Build(services => services.AddIdempotency(options => options.KeyHeader = "X-Default"));
        app.UseIdempotency();
        app.UseIdempotency();
        var group = app.MapGroup("/group").RequireIdempotency(options => (options.KeyHeader, options.RequireKey) = ("X-Group", false));
        group.MapPost("/a", (HttpContext context) => context.Idempotency().Key ?? "none");
        group.MapPost("/b", (HttpContext context) => context.Idempotency().Key ?? "none").RequireIdempotency(options => options.RequireKey = true);
        app.MapPost("/c", [Idempotent] (HttpContext context) => context.Idempotency().Key ?? "none");
        app.MapPost("/d", [Idempotent(RequireKey = false)] (HttpContext context) => context.Idempotency().Key ?? "none");
        await app.StartAsync();

        Assert.Equal((200, "none"), await PostAsync(app, "/group/a", null));
        Assert.Equal((200, "k"), await PostAsync(app, "/group/a", "k", "X-Group"));
        Assert.Equal(400, (await PostAsync(app, "/group/b", null)).Status);
        Assert.Equal((200, "k"), await PostAsync(app, "/group/b", "k", "X-Group"));
        Assert.Equal(400, (await PostAsync(app, "/c", "k")).Status);
        Assert.Equal((200, "k"), await PostAsync(app, "/c", "k", "X-Default"));
        Assert.Equal((200, "none"), await PostAsync(app, "/d", null));
    }

    [Fact]
    public async Task Controllers_with_the_attribute_are_idempotent()
    {
        await using var app = Build(services =>
        {
            services.AddIdempotency();
            services.AddControllers().AddApplicationPart(typeof(IdempotentController).Assembly);
        });
        app.UseIdempotency();
        app.MapControllers();
        await app.StartAsync();

        var first = await PostAsync(app, "/controller", "k");
        Assert.Equal(201, first.Status);
        Assert.Equal(first, await PostAsync(app, "/controller", "k"));
        Assert.NotEqual(first, await PostAsync(app, "/controller", "l"));
        Assert.Equal(400, (await PostAsync(app, "/controller", null)).Status);
        Assert.Equal(200, (await PostAsync(app, "/controller/optional", null)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OpenAPI_shows_the_header_and_the_answers(bool hasControllers)
    {
        await using var app = Build(services =>
        {
            services.AddIdempotency();
            services.AddOpenApi();
            if (hasControllers)
            {
                services.AddControllers().AddApplicationPart(typeof(IdempotentController).Assembly);
            }
        });
        app.UseIdempotency();
        app.MapOpenApi();
        app.MapPost("/orders", (Order order) => TypedResults.Created($"/orders/{order.Id}", order)).RequireIdempotency();
        app.MapPost("/optional", () => 1).RequireIdempotency(options => (options.KeyHeader, options.RequireKey) = ("X-Key", false)).ProducesProblem(409);
        app.MapGet("/orders", () => 1).RequireIdempotency();
        app.MapPost("/plain", () => 1);
        if (hasControllers)
        {
            app.MapControllers();
        }

        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));

        Assert.Equal("Idempotency-Key header True string 201 400 409 422", Described(document, "/orders", "post"));
        Assert.Equal("X-Key header False string 200 400 409 422", Described(document, "/optional", "post"));
        Assert.Equal("200", Described(document, "/orders", "get"));
        Assert.Equal("200", Described(document, "/plain", "post"));
        var problem = document.RootElement.GetProperty("paths").GetProperty("/orders").GetProperty("post").GetProperty("responses").GetProperty("422").GetProperty("content");
        Assert.True(problem.GetProperty("application/problem+json").GetProperty("schema").TryGetProperty("$ref", out var schema) && schema.GetString()!.EndsWith("ProblemDetails", StringComparison.Ordinal));
        if (hasControllers)
        {
            Assert.Equal("Idempotency-Key header True string 200 400 409 422", Described(document, "/controller", "post"));
            Assert.Equal("Idempotency-Key header False string 200 400 409 422", Described(document, "/controller/optional", "post"));
        }
    }

    private static string Described(JsonDocument document, string path, string method)
    {
        var operation = document.RootElement.GetProperty("paths").GetProperty(path).GetProperty(method);
        var parameters = operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray().Select(one =>
            $"{one.GetProperty("name")} {one.GetProperty("in")} {one.TryGetProperty("required", out var required) && required.GetBoolean()} {one.GetProperty("schema").GetProperty("type")}") : [];
        return string.Join(' ', parameters.Concat(operation.GetProperty("responses").EnumerateObject().Select(response => response.Name).Order()));
    }

    private static WebApplication Build(Action<IServiceCollection> services)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        services(builder.Services);
        return builder.Build();
    }

    private static async Task<(int Status, string Body)> PostAsync(WebApplication app, string path, string? key, string header = "Idempotency-Key")
    {
        using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (key is not null)
        {
            request.Headers.Add(header, key);
        }

        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private sealed record Order(int Id);
}

/// <summary>A controller whose requests are executed once for each key.</summary>
[ApiController]
[Route("controller")]
[Idempotent]
public class IdempotentController : ControllerBase
{
    [HttpPost]
    public ActionResult<string> Create() => Created("/controller/1", Guid.NewGuid().ToString());

    [HttpPost("optional")]
    [Idempotent(RequireKey = false)]
    public ActionResult<string> Optional() => Ok("done");
}
