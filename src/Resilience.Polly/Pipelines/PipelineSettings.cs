namespace Resilience.Polly;

/// <summary>All settings of a pipeline, and the rules that need more than one of them.</summary>
internal static class PipelineSettings
{
    public static readonly SettingsBlock<PipelineOptions> Block = new SettingsBlock<PipelineOptions>()
        .Add("BasedOn", new NameKind(), o => o.BasedOn, (o, v) => o.BasedOn = v)
        .Add("BaseAddress", new AddressKind(), o => o.BaseAddress, (o, v) => o.BaseAddress = v)
        .Add("MapExceptions", new SwitchKind(), o => o.MapExceptions, (o, v) => o.MapExceptions = v)
        .Add("Importance", new ChoiceKind<PipelineImportance>(), o => o.Importance, (o, v) => o.Importance = v)
        .AddBlock("Timeout", TimeoutSettings.Block, TimeoutSettings.Presets, o => o.Timeout, (o, v) => o.Timeout = v)
        .AddBlock("Retry", RetrySettings.Block, RetrySettings.Presets, o => o.Retry, (o, v) => o.Retry = v)
        .AddBlock(
            "CircuitBreaker",
            CircuitBreakerSettings.Block,
            CircuitBreakerSettings.Presets,
            o => o.CircuitBreaker,
            (o, v) => o.CircuitBreaker = v)
        .AddBlock("Bulkhead", BulkheadSettings.Block, BulkheadSettings.Presets, o => o.Bulkhead, (o, v) => o.Bulkhead = v)
        .AddBlock("LoadShedding", LoadSheddingSettings.Block, [], o => o.LoadShedding, (o, v) => o.LoadShedding = v)
        .AddBlock("Idempotency", IdempotencySettings.Block, [], o => o.Idempotency, (o, v) => o.Idempotency = v)
        .AddBlock("Alerts", AlertSettings.Block, [], o => o.Alerts, (o, v) => o.Alerts = v)
        .AddBlock("Chaos", ChaosSettings.Block, [], o => o.Chaos, (o, v) => o.Chaos = v);

    public static void CheckTogether(PipelineOptions options, string path, ICollection<SettingFault> faults)
    {
        if (options.Idempotency is { } names && string.Equals(names.RequestIdHeader, names.KeyHeader, StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(new($"{path}:Idempotency:KeyHeader", $"\"{names.KeyHeader}\"", "is the RequestIdHeader too, and they are written differently"));
        }

        if (options.Bulkhead is { } bulkhead)
        {
            AdaptiveBulkheadSettings.CheckTogether(bulkhead, $"{path}:Bulkhead", faults);
        }

        if (options.Retry is { } retry && retry.MinWait > retry.MaxWait)
        {
            faults.Add(new($"{path}:Retry:MinWait", retry.MinWait.ToString("c"), $"is longer than MaxWait, which is {retry.MaxWait:c}"));
        }
    }

    /// <summary>What needs something that the application has not registered.</summary>
    public static void CheckSurroundings(PipelineOptions options, string path, Surroundings surroundings, ICollection<SettingFault> faults)
    {
        if (options.LoadShedding is { Enabled: true } && surroundings.LoadReader is null)
        {
            faults.Add(new($"{path}:LoadShedding:Enabled", "true", "needs readings of the load; call AddLoadShedding() on what AddResilience returns"));
        }
    }

    /// <summary>Whether two versions of the settings behave alike, so that a reload with no change is no event.</summary>
    public static bool AreEqual(PipelineOptions left, PipelineOptions right) =>
        Block.List(left).SequenceEqual(Block.List(right))
        && left.Failures.Rules.SequenceEqual(right.Failures.Rules)
        && AdaptiveBulkheadSettings.AreEqual(left.Bulkhead.Adaptive, right.Bulkhead.Adaptive);
}
