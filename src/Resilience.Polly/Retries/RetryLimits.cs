using System.ComponentModel;
using Resilience.Polly.Retries;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>What a number of attempts may be, and what the settings make of it.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RetryLimits
{
    /// <summary>The most attempts that one call can make by the settings, those that send nothing included.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    public static int MostAttempts(RetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return NextAttempt.Most(options);
    }

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
