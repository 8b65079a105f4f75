using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

/// <summary>What one call of an SDK came to.</summary>
public sealed record SdkRun(string? Value, Exception? Failure, IReadOnlyList<SeenRequest> Seen)
{
    // Nothing takes that long but what has no limit at all.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public bool Succeeded => Failure is null;

    public int Requests => Seen.Count;

    /// <summary>The failure, or that of the last try where the SDK gives all of them.</summary>
    public Exception? Cause => Failure is AggregateException { InnerExceptions: [.., var last] } ? last : Failure;

    /// <summary>Makes one call to a server with a fault.</summary>
    public static async Task<SdkRun> OfAsync(Sdk sdk, string call, Fault fault, Wiring wiring)
    {
        await using var server = new ScriptedServer((request, number) =>
        {
            var reply = fault.Break(sdk.AnswerTo(request), number);
            return request.Header("Expect") is null ? reply : reply.Continuing();
        });
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = sdk.Register(services, server.Address, wiring.SdkRetries);
        wiring.Apply(builder, fault);
        sdk.RegisterInside(builder, wiring.SdkRetries);
        await using var provider = services.BuildServiceProvider();
        try
        {
            var value = await sdk.Calls[call](provider).WaitAsync(wiring.HasLimits ? Patience : fault.PlainTimeout * 6);
            return new(value, null, [.. server.Requests]);
        }
#pragma warning disable CA1031 // whatever it is, the test looks at it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return new(null, failure, [.. server.Requests]);
        }
    }

    public override string ToString() => Succeeded
        ? $"'{Value}' after {Requests} requests"
        : $"{Failure!.GetType()} after {Requests} requests: {Failure}";
}
