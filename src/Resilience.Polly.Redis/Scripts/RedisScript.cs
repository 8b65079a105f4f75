using System.Reflection;

namespace Resilience.Polly.Redis.Scripts;

/// <summary>A script that Redis runs as one step: embedded files, one after the other.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript CheckHealth = Load("check-health");
    public static readonly RedisScript CheckAtomic = Load("check-atomic");
    public static readonly RedisScript CircuitVote = Load("time", "circuit", "circuit-vote");
    public static readonly RedisScript CircuitChange = Load("time", "circuit", "circuit-change");
    public static readonly RedisScript CircuitSync = Load("time", "circuit", "circuit-sync");
    public static readonly RedisScript CircuitProbe = Load("time", "circuit", "circuit-probe");
    public static readonly RedisScript CircuitRelease = Load("time", "circuit", "circuit-release");
    public static readonly RedisScript BulkheadHold = Load("time", "bulkhead-hold");
    public static readonly RedisScript InstanceBeat = Load("time", "instance-beat");
    public static readonly RedisScript InstanceLeave = Load("instance-leave");
    public static readonly RedisScript IdempotencyClaim = Load("time", "idempotency", "idempotency-claim");
    public static readonly RedisScript IdempotencyRenew = Load("time", "idempotency", "idempotency-renew");
    public static readonly RedisScript IdempotencyComplete = Load("time", "idempotency", "idempotency-complete");
    public static readonly RedisScript IdempotencyAbandon = Load("time", "idempotency", "idempotency-abandon");

    private RedisScript(string text) => Text = text;

    /// <summary>What is sent once to each server. StackExchange.Redis then names it by its hash, and sends it again if the server has forgotten it.</summary>
    public string Text { get; }

    private static RedisScript Load(params ReadOnlySpan<string> files)
    {
        var text = "";
        foreach (var file in files)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file + ".lua")!;
            using var reader = new StreamReader(stream);
            text += reader.ReadToEnd();
        }

        return new(text);
    }
}
