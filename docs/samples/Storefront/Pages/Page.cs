using System.Text.Json.Serialization;
using Resilience.Polly;

namespace Storefront;

/// <summary>What a page answers with, beside its contents.</summary>
internal abstract class Page(ScatterGather gather)
{
    /// <summary>The guide's <c>degraded_services</c>: what is old, plain or missing on this page.</summary>
    public IReadOnlyList<string> Degraded => gather.Degraded;

    // Why it is so is for the shop, not for its visitors.
    [JsonIgnore]
    public IReadOnlyList<ScatterPart> Parts => gather.Parts;

    /// <summary>The parts that by what they hold cannot have come from their service. The verdict wants each of them named as degraded.</summary>
    [JsonIgnore]
    public abstract IEnumerable<string> StandIns { get; }

    protected static IEnumerable<string> Those(params (string Part, bool IsStandIn)[] parts) =>
        parts.Where(part => part.IsStandIn).Select(part => part.Part);
}
