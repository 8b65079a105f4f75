using System.Text.Json.Serialization;
using Resilience.Polly;

namespace Storefront;

/// <summary>What every page has beside its contents.</summary>
internal abstract class Page(ScatterGather gather)
{
    /// <summary>The guide's <c>degraded_services</c>: what is old, plain or missing on this page.</summary>
    public IReadOnlyList<string> Degraded => gather.Degraded;

    // The reasons are for the shop, not for its visitors.
    [JsonIgnore]
    public IReadOnlyList<ScatterPart> Parts => gather.Parts;

    /// <summary>The parts whose content shows that it did not come from their service. The verdict expects each of them among the degraded ones.</summary>
    [JsonIgnore]
    public abstract IEnumerable<string> StandIns { get; }

    protected static IEnumerable<string> Those(params (string Part, bool IsStandIn)[] parts) =>
        parts.Where(part => part.IsStandIn).Select(part => part.Part);
}
