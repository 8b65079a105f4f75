using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>What the log holds of an answer: one line without a stack, or nothing.</summary>
public class AnswerLogTests
{
    [Theory]
    [InlineData("open circuit", "Debug: Answered 503 without a call: ")]
    [InlineData("no room", "Debug: Answered 503 without a call: ")]
    [InlineData("unmapped circuit", "Debug: Answered 503 without a call: ")]
    [InlineData("unmapped pool timeout", "Debug: Answered 503 without a call: ")]
    [InlineData("attempt timeout", "Warning: Answered 504: ")]
    [InlineData("unreachable", "Warning: Answered 502: ")]
    [InlineData("503", "Warning: Answered 503: ")]
    [InlineData("500", "Warning: Answered 502: ")]
    public async Task Answered_failure_is_one_line_with_its_message(string name, string begin)
    {
        var failure = FailureCase.Of(name).Failure;
        await using var app = await ProblemApp.ThatThrowsAsync(failure);

        await app.GetAsync();

        Assert.Equal(begin + failure.Message, Assert.Single(app.Log.Lines));
        Assert.Empty(app.MiddlewareLog.Lines);
    }

    [Theory]
    [InlineData("404")]
    [InlineData("a bug")]
    public async Task Fault_of_the_application_is_logged_like_any_other(string name)
    {
        await using var app = await ProblemApp.ThatThrowsAsync(FailureCase.Of(name).Failure);

        await app.GetAsync();

        Assert.StartsWith("Error: ", Assert.Single(app.MiddlewareLog.Lines), StringComparison.Ordinal);
        Assert.Empty(app.Log.Lines);
    }

    [Fact]
    public async Task Application_with_an_error_page_can_keep_the_stacks_of_outages_out()
    {
        await using var app = await ProblemApp.ThatThrowsAsync(
            FailureCase.Of("unreachable").Failure,
            map: app => app.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandler = context => context.Response.WriteAsync("Sorry"),
                SuppressDiagnosticsCallback = context => context.Exception is ApiConnectionException,
            }));

        var answer = await app.GetAsync(accept: "text/html");

        Assert.Equal((502, "Sorry"), (answer.Status, answer.Body));
        Assert.Single(app.Log.Lines);
        Assert.Empty(app.MiddlewareLog.Lines);
    }

    [Fact]
    public async Task Application_can_ask_for_the_stack()
    {
        await using var app = await ProblemApp.ThatThrowsAsync(
            FailureCase.Of("unreachable").Failure,
            map: app => app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => false }));

        Assert.Equal(502, (await app.GetAsync()).Status);

        Assert.StartsWith("Error: ", Assert.Single(app.MiddlewareLog.Lines), StringComparison.Ordinal);
    }
}
