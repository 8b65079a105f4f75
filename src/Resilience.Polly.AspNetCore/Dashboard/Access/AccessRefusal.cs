namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>Why a dashboard without an authorization of its own does not answer a request.</summary>
internal enum AccessRefusal
{
    None,
    NotDevelopment,
    NotLocal,
    Forwarded,
    ForeignHost,
    ForeignSite,
}

internal static class AccessRefusals
{
    /// <summary>The reason in plain words. No sentence repeats anything of the request.</summary>
    public static string Reason(this AccessRefusal refusal) => refusal switch
    {
        AccessRefusal.NotDevelopment => "The dashboard has no authorization, and without one it answers in the Development environment only.",
        AccessRefusal.NotLocal => "The dashboard has no authorization, and without one it answers requests from a loopback address only.",
        AccessRefusal.Forwarded => "The dashboard has no authorization, and without one it answers no request that a proxy has forwarded.",
        AccessRefusal.ForeignHost => "The dashboard has no authorization, and without one it answers requests to localhost or a loopback address only.",
        AccessRefusal.ForeignSite => "The dashboard has no authorization, and without one it answers no page of another origin.",
        _ => "",
    };
}
