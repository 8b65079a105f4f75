using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.AspNetCore.Idempotency.Requests;

namespace Resilience.Polly.AspNetCore.Idempotency.Responses;

/// <summary>An answer instead of an execution. Its texts are fixed, so neither the key nor the body gets into them.</summary>
internal sealed record Problem(int Status, string Code, string Detail, bool CanBeRepeated = false)
{
    // It is not known when the other execution ends or the store is back.
    private const int RetryAfterSeconds = 1;

    public static readonly Problem Running = new(409, "idempotency-request-running", "A request with this key is still running. Send it again later, to get its answer.", CanBeRepeated: true);

    public static readonly Problem OutcomeUnknown = new(
        409, "idempotency-outcome-unknown", "An earlier request with this key was interrupted. Whether it took effect is not known. It will not be executed again: look at the state, and use a new key if it must be.");

    public static readonly Problem ResponseLost = new(409, "idempotency-response-lost", "An earlier request with this key took effect, but its answer was lost. It will not be executed again.");

    public static readonly Problem ResponseTooLarge = new(
        409, "idempotency-response-too-large", "An earlier request with this key was executed. Its answer was too large to be kept. It will not be executed again.");

    public static readonly Problem KeyReused = new(422, "idempotency-key-reused", "The key was used for another request. Use a new key for each new request, and send repetitions unchanged.");

    public static readonly Problem BodyTooLarge = new(413, "idempotency-body-too-large", "The body is larger than this endpoint accepts with an idempotency key.");

    public static readonly Problem StoreUnavailable = new(
        503, "idempotency-store-unavailable", "Whether this request was executed before cannot be found out at present. Send it again later.", CanBeRepeated: true);

    public static readonly Problem Unreadable = new(500, "idempotency-response-unreadable", "An earlier request with this key was executed. Its stored answer cannot be read. It will not be executed again.");

    public static Problem Of(KeyFault fault, string header) => fault switch
    {
        KeyFault.Missing => new(400, "idempotency-key-missing", $"This endpoint needs the header {header}: a key that is new for each request, and the same when the request is repeated."),
        KeyFault.Several => new(400, "idempotency-key-invalid", $"The request has several {header} headers. Send one."),
        KeyFault.Empty => new(400, "idempotency-key-invalid", $"The header {header} is empty."),
        KeyFault.TooLong => new(400, "idempotency-key-invalid", $"The key in the header {header} is longer than {IdempotencyKey.MaxLength} characters."),
        _ => new(400, "idempotency-key-invalid", $"The header {header} is not a quoted string of printable ASCII characters, such as \"0197f3c2-5b7e\"."),
    };

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (CanBeRepeated)
        {
            response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (context.RequestServices.GetService<IProblemDetailsService>() is { } problems)
        {
            await problems.TryWriteAsync(new() { HttpContext = context, ProblemDetails = { Status = Status, Detail = Detail, Extensions = { ["code"] = Code } } }).ConfigureAwait(false);
        }

        // A caller that accepts no JSON gets it nevertheless: it is better than a status alone. MVC may accept a problem and write nothing.
        if (response.ContentType is null)
        {
            await TypedResults.Problem(Detail, statusCode: Status, extensions: [new("code", Code)]).ExecuteAsync(context).ConfigureAwait(false);
        }
    }
}
