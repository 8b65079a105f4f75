namespace Storefront;

/// <summary>Why a checkout was refused.</summary>
internal enum Refusal
{
    UserInactive,
    AuthenticationUnavailable,
    PaymentUnavailable,
    OrderFailed,
}

internal static class RefusalText
{
    public static string Text(this Refusal refusal) => refusal switch
    {
        Refusal.UserInactive => "User account inactive",
        Refusal.AuthenticationUnavailable => "Authentication service unavailable - please try again later",
        Refusal.PaymentUnavailable => "Payment processing unavailable - please try again later",
        _ => "Order creation failed - payment has been refunded",
    };

    public static string Short(this Refusal refusal) => refusal switch
    {
        Refusal.UserInactive => "inactive",
        Refusal.AuthenticationUnavailable => "no authentication",
        Refusal.PaymentUnavailable => "no payment",
        _ => "no order",
    };
}
