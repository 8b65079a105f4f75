using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>The answers beside what else an application does with its failures.</summary>
public class CompositionTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private static readonly Exception OpenCircuit = FailureCase.Of("open circuit").Failure;

    [Theory]
    [InlineData("/")]
    [InlineData("/api")]
    public async Task Customisation_of_problem_details_applies_and_sees_the_failure(string path)
    {
        await using var app = await ProblemApp.ThatThrowsAsync(
            OpenCircuit,
            services =>
            {
                FailingApiController.Add(services);
                services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
                {
                    var failure = context.HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error as ApiCallException;
                    context.ProblemDetails.Extensions["pipeline"] = failure?.PipelineName;
                });
            },
            UseControllers);

        Assert.Equal(FailureCase.Secret, (await app.GetAsync(path))["pipeline"]);
    }

    [Theory]
    [InlineData(null, "application/problem+json")]
    [InlineData("application/json", "application/problem+json")]
    [InlineData("application/xml", "application/problem+xml")]
    public async Task Controller_answers_in_what_the_client_accepts(string? accept, string contentType)
    {
        await using var app = await ProblemApp.ThatThrowsAsync(OpenCircuit, FailingApiController.Add, UseControllers);

        var answer = await app.GetAsync("/api", accept);

        Assert.Equal((503, "13", contentType), (answer.Status, answer.RetryAfter, answer.ContentType));
        Assert.Contains("is not available at present", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(FailureCase.Secret, answer.Body + answer.Headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/", Browser)]
    [InlineData("/api", Browser)]
    [InlineData("/page", null)]
    public async Task Client_or_page_that_is_for_people_gets_the_error_page_with_the_status(string path, string? accept)
    {
        await using var app = await ProblemApp.ThatThrowsAsync(OpenCircuit, FailingApiController.Add, app =>
        {
            app.UseExceptionHandler("/error");
            app.UseRouting();
            app.MapGet("/error", () => Results.Content("<h1>Sorry</h1>", "text/html"));
            app.MapControllers();
        });

        var answer = await app.GetAsync(path, accept);

        Assert.Equal((503, "13", "<h1>Sorry</h1>"), (answer.Status, answer.RetryAfter, answer.Body));
    }

    [Fact]
    public async Task Client_that_names_JSON_beside_HTML_gets_problem_details()
    {
        await using var app = await ProblemApp.ThatThrowsAsync(OpenCircuit);

        Assert.Contains("is not available at present", (await app.GetAsync(accept: "text/html, application/json")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", null)]
    [InlineData(Browser, "application/problem+json")]
    public async Task Status_is_the_same_where_there_is_no_error_page(string accept, string? contentType)
    {
        await using var app = await ProblemApp.ThatThrowsAsync(OpenCircuit);

        var answer = await app.GetAsync(accept: accept);

        Assert.Equal((503, "13", contentType), (answer.Status, answer.RetryAfter, answer.ContentType));
        Assert.DoesNotContain(FailureCase.Secret, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handler_that_is_registered_before_comes_first()
    {
        await using var app = await ProblemApp.ThatThrowsAsync(OpenCircuit, services => services.AddSingleton(Handler(isHandled: true, 418)));

        Assert.Equal(418, (await app.GetAsync()).Status);
    }

    [Fact]
    public async Task Handler_that_is_registered_afterwards_gets_what_is_no_failure_of_a_dependency()
    {
        void AfterOurs(IServiceCollection services)
        {
            services.AddResilienceProblemDetails();
            services.AddSingleton(Handler(isHandled: true, 418));
        }

        await using var ours = await ProblemApp.ThatThrowsAsync(OpenCircuit, AfterOurs);
        await using var other = await ProblemApp.ThatThrowsAsync(FailureCase.Of("404").Failure, AfterOurs);

        Assert.Equal(503, (await ours.GetAsync()).Status);
        Assert.Equal(418, (await other.GetAsync()).Status);
    }

    [Fact]
    public async Task Response_that_a_handler_has_started_is_left_alone()
    {
        var writer = new Mock<IExceptionHandler>();
        writer.Setup(h => h.TryHandleAsync(It.IsAny<HttpContext>(), It.IsAny<Exception>(), It.IsAny<CancellationToken>()))
            .Returns(async (HttpContext context, Exception _, CancellationToken token) =>
            {
                await context.Response.WriteAsync("begun", token);
                return false;
            });
        await using var app = await ProblemApp.ThatThrowsAsync(OpenCircuit, services => services.AddSingleton(writer.Object));

        using var response = await app.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode); // of the middleware, before any handler
        Assert.Null(response.Headers.RetryAfter);
        Assert.Empty(app.Log.Lines);
    }

    [Fact]
    public async Task Response_that_the_endpoint_has_started_breaks_off()
    {
        await using var app = await ProblemApp.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            throw OpenCircuit;
        });
        using var response = await app.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());

        Assert.True(response.IsSuccessStatusCode);
        Assert.Empty(app.Log.Lines);
    }

    [Fact]
    public void Add_twice_adds_one_handler()
    {
        var services = new ServiceCollection();

        services.AddResilienceProblemDetails().AddResilienceProblemDetails();

        Assert.Single(services, service => service.ServiceType == typeof(IExceptionHandler));
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddResilienceProblemDetails());
    }

    private static void UseControllers(WebApplication app)
    {
        app.UseExceptionHandler();
        app.MapControllers();
    }

    private static IExceptionHandler Handler(bool isHandled, int status)
    {
        var handler = new Mock<IExceptionHandler>();
        handler.Setup(h => h.TryHandleAsync(It.IsAny<HttpContext>(), It.IsAny<Exception>(), It.IsAny<CancellationToken>()))
            .Callback((HttpContext context, Exception _, CancellationToken _) => context.Response.StatusCode = status)
            .ReturnsAsync(isHandled);
        return handler.Object;
    }
}
