namespace Resilience.Polly.Alerts;

/// <summary>Whether one alert is raised, and since when its value has been on the other side. A value, and what follows from the next reading as a pure function.</summary>
/// <param name="IsRaised">Whether it is raised.</param>
/// <param name="OtherSideSince">The timestamp of the first reading that asks for a change, while all later ones do too.</param>
internal readonly record struct AlertSignal(bool IsRaised, long? OtherSideSince)
{
    // A value on the edge shall not raise and clear by turns.
    private const double ClearBelow = 0.8;

    public AlertSignal Read(double value, double threshold, long now, long hold)
    {
        var isOnOtherSide = IsRaised ? value <= ClearBelow * threshold : value > threshold;
        if (!isOnOtherSide)
        {
            return new(IsRaised, null);
        }

        var since = OtherSideSince ?? now;
        return now - since >= hold ? new(!IsRaised, null) : new(IsRaised, since);
    }
}
