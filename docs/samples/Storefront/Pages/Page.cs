using System.Text.Json.Serialization;
using Resilience.Polly;

namespace Storefront;

/// <summary>What a page answers with, beside its contents.</summary>
internal abstract record Page
{
    /// <summary>The guide's <c>degraded_services</c>: what is old, plain or missing on this page.</summary>
    public required IReadOnlyList<string> Degraded { get; init; }

    // Why it is so is for the shop, not for its visitors.
    [JsonIgnore]
    public required IReadOnlyList<ScatterPart> Parts { get; init; }

    /// <summary>The parts that by what they hold cannot have come from their service. The verdict wants each of them named as degraded.</summary>
    [JsonIgnore]
    public abstract IEnumerable<string> StandIns { get; }

    protected static IEnumerable<string> Those(params (string Part, bool IsStandIn)[] parts) =>
        parts.Where(part => part.IsStandIn).Select(part => part.Part);
}
