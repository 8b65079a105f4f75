namespace Storefront;

/// <summary>What a shopper reads about a checkout that was completed without one of the services.</summary>
internal enum Warning
{
    StockNotVerified,
    StandardShippingRates,
}

internal static class WarningText
{
    public static string Text(this Warning warning) => warning switch
    {
        Warning.StockNotVerified => "Could not verify stock - items may be backordered",
        _ => "Using standard shipping rates - actual cost may vary",
    };

    public static string Short(this Warning warning) => warning switch
    {
        Warning.StockNotVerified => "stock not verified",
        _ => "standard shipping rates",
    };
}
