using System.ComponentModel;
using Resilience.Polly.Retries;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The range of a number of attempts, and the most attempts that settings lead to.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RetryLimits
{
    /// <summary>The most attempts that one call can make with these settings, including those that send nothing.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    public static int MostAttempts(RetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return NextAttempt.Most(options);
    }

    /// <summary>Throws if a number of attempts is out of range.</summary>
    /// <param name="maxAttempts">The number; <see langword="null"/> means the pipeline's own and is allowed.</param>
    /// <param name="parameterName">Its name in the exception.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range; the message states the range.</exception>
    public static void ThrowIfOutOfRange(int? maxAttempts, string parameterName)
    {
        if (maxAttempts is { } attempts)
        {
            Kinds.Attempts.ThrowIfOutOfRange(attempts, parameterName, "number of attempts of the call");
        }
    }
}
