using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Idempotency.Responses;

/// <summary>Which answers are kept.</summary>
internal static class Verdict
{
    private const int TooEarly = 425;

    /// <summary>An answer says what the request led to, and is kept, unless it says that a later one may be another: who is asking, how many, or a fault of ours.</summary>
    public static bool IsKept(int status, bool isCommitted) => isCommitted || (status is >= 200 and < 500 && status is not (
        StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status408RequestTimeout or TooEarly or StatusCodes.Status429TooManyRequests));
}
