using System.ComponentModel;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>What a number of attempts may be, wherever it is set: in a configuration, in code, or for one call.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RetryLimits
{
    /// <summary>Refuses a number of attempts that is out of range.</summary>
    /// <param name="maxAttempts">The number; <see langword="null"/> stands for the pipeline's own and is fine.</param>
    /// <param name="parameterName">How the exception names it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range; the message says which range.</exception>
    public static void ThrowIfOutOfRange(int? maxAttempts, string parameterName)
    {
        if (maxAttempts is { } attempts)
        {
            Kinds.Attempts.ThrowIfOutOfRange(attempts, parameterName, "number of attempts of the call");
        }
    }
}
