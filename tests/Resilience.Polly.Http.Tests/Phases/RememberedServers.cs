using System.Reflection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>How many servers a handler has something written down about. Nothing else tells that.</summary>
internal static class RememberedServers
{
    private const BindingFlags Inside = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static int Count(PhaseTimeoutHandler handler)
    {
        var transport = typeof(PhaseTimeoutHandler).GetField("_transport", Inside)!.GetValue(handler)!;
        var hooks = transport.GetType().GetField("_hooks", Inside)!.GetValue(transport)!;
        var endpoints = hooks.GetType().GetProperty("Endpoints", Inside)!.GetValue(hooks)!;
        return (int)endpoints.GetType().GetProperty("Count", Inside)!.GetValue(endpoints)!;
    }
}
