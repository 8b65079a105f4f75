namespace Storefront;

/// <summary>What a shopper gets for a completed checkout.</summary>
internal sealed class Receipt
{
    private readonly List<Warning> _warnings = [];

    public string? OrderId { get; set; }

    public decimal Total { get; set; }

    /// <summary>The day of delivery, or <see langword="null"/> while it is unknown.</summary>
    public DateOnly? ShippingEstimate { get; set; }

    public string[] Recommendations { get; set; } = [];

    /// <summary>Whether the recommendations are only the popular products.</summary>
    public bool HasPlainRecommendations { get; set; }

    public string[] Ads { get; set; } = [];

    public bool HasNoAds { get; set; }

    public IReadOnlyList<Warning> Warnings => _warnings;

    public void Warn(Warning warning) => _warnings.Add(warning);
}
