namespace Storefront;

/// <summary>Services recognise a repeated request by this header: every attempt of a call has the same id.</summary>
internal static class RequestIdHeader
{
    public const string Name = "X-Request-ID";
}
