namespace Storefront;

/// <summary>The guide's <c>CheckoutError</c>: has the reason for the shopper, and for the shop the failure that caused it.</summary>
#pragma warning disable CA1032 // it needs a reason
internal sealed class CheckoutRefusedException(Refusal reason, Exception? failure = null) : Exception(reason.Text(), failure)
#pragma warning restore CA1032
{
    public Refusal Reason => reason;
}
