using System.Globalization;
using System.Net.Http.Headers;

namespace Resilience.Polly.Failures;

/// <summary>The wait that a server asks for: in seconds, as a date, or in milliseconds, which some services add.</summary>
internal static class RetryAfterHint
{
    // The more exact headers come first.
    private static readonly string[] InMilliseconds = ["retry-after-ms", "x-ms-retry-after-ms"];

    /// <summary>The wait that the answer asks for; <see cref="TimeSpan.MaxValue"/> if no <see cref="TimeSpan"/> can hold it, <see langword="null"/> if it asks for none.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider clock)
    {
        foreach (var name in InMilliseconds)
        {
            if (First(response, name, Milliseconds) is { } exact)
            {
                return exact;
            }
        }

        return First(response, "Retry-After", value => Seconds(value) ?? Until(value, response, clock));
    }

    // Read as text: .NET's parser calls a number over int32 malformed.
    private static TimeSpan? First(HttpResponseMessage response, string name, Func<string, TimeSpan?> read)
    {
        if (response.Headers.NonValidated.TryGetValues(name, out var values))
        {
            foreach (var value in values)
            {
                if (read(value.Trim()) is { } wait)
                {
                    return wait;
                }
            }
        }

        return null;
    }

    // OpenAI's clients take a fraction too.
    private static TimeSpan? Milliseconds(string value) =>
        value.Length > 0 && char.IsAsciiDigit(value[0])
        && double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            ? Span(count, TimeSpan.TicksPerMillisecond)
            : null;

    private static TimeSpan? Seconds(string value) =>
        value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('0', '9')
            ? Span(double.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture), TimeSpan.TicksPerSecond)
            : null;

    private static TimeSpan Span(double count, long ticksEach) =>
        count * ticksEach < TimeSpan.MaxValue.Ticks ? TimeSpan.FromTicks((long)(count * ticksEach)) : TimeSpan.MaxValue;

    // Both dates are from the server's clock, which may be wrong. Our clock counts only if the answer has no date.
    private static TimeSpan? Until(string value, HttpResponseMessage response, TimeProvider clock)
    {
        if (!RetryConditionHeaderValue.TryParse(value, out var parsed) || parsed.Date is not { } date)
        {
            return null;
        }

        var now = response.Headers.Date ?? clock.GetUtcNow();
        return date > now ? date - now : TimeSpan.Zero;
    }
}
