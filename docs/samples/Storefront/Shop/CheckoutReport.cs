namespace Storefront;

/// <summary>How one checkout ended: with a receipt, with a refusal, or with an unexpected failure, which must not happen.</summary>
internal sealed record CheckoutReport(string Id, Receipt? Receipt = null, Refusal? Refusal = null, Exception? Unexplained = null)
{
    public bool IsDegraded => Receipt is { Warnings.Count: > 0 };
}
