using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Problems;

/// <summary>Answers requests that failed because a dependency did.</summary>
internal sealed class FailureHandler(IProblemDetailsService problems, ILoggerFactory loggers) : IExceptionHandler
{
    // No limit of a pipeline is longer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly ILogger _logger = loggers.CreateLogger(Log.Category);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var response = httpContext.Response;
        if (response.HasStarted || FailureAnswer.Of(exception) is not { } answer)
        {
            return false;
        }

        // A client that has hung up gets no answer, and must not count as a failed request.
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        LogAnswer(answer, exception);
        response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Seconds(wait);
        }

        return !WantsPage(httpContext.Request) && await TryWriteAsync(httpContext, exception, answer).ConfigureAwait(false);
    }

    // A browser names HTML, and accepts anything else too: its user needs the error page of the application rather than JSON.
    private static bool WantsPage(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase))
            && !accepted.Any(type => type.MediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase));
    }

    private async ValueTask<bool> TryWriteAsync(HttpContext httpContext, Exception exception, FailureAnswer answer)
    {
        var isTaken = await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            Exception = exception,

            // The middleware has removed the endpoint from the context. MVC needs it to recognise its controllers.
            AdditionalMetadata = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata,
            ProblemDetails = { Status = answer.Status, Detail = answer.Detail },
        }).ConfigureAwait(false);

        // MVC accepts the failures of controllers that serve pages and writes nothing: those are for the error page.
        return isTaken && httpContext.Response.ContentType is not null;
    }

    // In .NET 10 the middleware logs nothing when a handler answers. This logs one line, without the stack, which would say nothing. By default it logs nothing
    // for rejected calls: in an outage there are many, and the alerts of the pipeline report them.
    private void LogAnswer(FailureAnswer answer, Exception exception)
    {
        if (answer.WasCalled)
        {
            Log.AnsweredFailure(_logger, answer.Status, LogText.OneLine(exception.Message));
        }
        else
        {
            Log.AnsweredRejection(_logger, answer.Status, LogText.OneLine(exception.Message));
        }
    }

    // Rounded up, since earlier is too early; never 0, which means at once; at most a day, since a wrong answer of a service must not send callers away for ever.
    private static string Seconds(TimeSpan wait) =>
        Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, LongestWait.TotalSeconds).ToString("F0", CultureInfo.InvariantCulture);
}
