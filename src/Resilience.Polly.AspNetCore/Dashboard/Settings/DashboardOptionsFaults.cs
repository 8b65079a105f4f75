using System.Globalization;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.AspNetCore.Dashboard.Settings;

/// <summary>What is wrong with the options of a dashboard, all of it at once.</summary>
internal static class DashboardOptionsFaults
{
    private const int MaxPoints = 3_600;

    /// <exception cref="OptionsValidationException">The options have faults.</exception>
    public static void ThrowIfAny(DashboardOptions options)
    {
        string[] faults = [.. Of(options)];
        if (faults.Length > 0)
        {
            throw new OptionsValidationException(nameof(DashboardOptions), typeof(DashboardOptions), faults);
        }
    }

    private static IEnumerable<string> Of(DashboardOptions options)
    {
        if (options.MaxStreams is < 1 or > 10_000)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"MaxStreams = {options.MaxStreams}: out of range, allowed is 1 to 10000");
        }

        if (options.Interval < TimeSpan.FromMilliseconds(100) || options.Interval > TimeSpan.FromSeconds(10))
        {
            yield return $"Interval = {options.Interval:c}: out of range, allowed is 00:00:00.1000000 to 00:00:10";
        }
        else if (options.History < TimeSpan.FromSeconds(10) || options.History > TimeSpan.FromHours(1))
        {
            yield return $"History = {options.History:c}: out of range, allowed is 00:00:10 to 01:00:00";
        }
        else if (options.Points > MaxPoints)
        {
            yield return $"History = {options.History:c}: too long for an Interval of {options.Interval:c}, allowed is up to {options.Interval * MaxPoints:c}";
        }

        if (options.ControlPolicy is { } policy && string.IsNullOrWhiteSpace(policy))
        {
            yield return $"ControlPolicy = \"{policy}\": the name of an authorization policy is expected, or null for no buttons";
        }
    }
}
