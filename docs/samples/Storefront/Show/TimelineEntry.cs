namespace Storefront;

internal sealed record TimelineEntry(TimeSpan At, string Who, string What, TimelineKind Kind, string? FirstTime, string Style);

internal enum TimelineKind
{
    Line,
    Count,
    Second,
}
