namespace Storefront;

/// <summary>The guide's <c>CheckoutError</c>: tells the shopper the reason, and the shop which failure was behind it.</summary>
#pragma warning disable CA1032 // without a reason it must not be thrown
internal sealed class CheckoutRefusedException(Refusal reason, Exception? failure = null) : Exception(reason.Text(), failure)
#pragma warning restore CA1032
{
    public Refusal Reason => reason;
}
