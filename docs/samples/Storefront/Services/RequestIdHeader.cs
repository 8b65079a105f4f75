namespace Storefront;

/// <summary>By what the services know a repeated request: every attempt of a call brings the same id.</summary>
internal static class RequestIdHeader
{
    public const string Name = "X-Request-ID";
}
