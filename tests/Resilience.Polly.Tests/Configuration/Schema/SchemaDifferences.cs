namespace Resilience.Polly.Tests.Configuration;

/// <summary>Where schema and loader differ, and why. <c>docs/pipelines.md</c> has the same lists; nothing else may differ.</summary>
internal static class SchemaDifferences
{
    public const string ValueTwice = "a value twice under keys that differ in case";

    /// <summary>What the loader refuses and the schema cannot: it knows one value at a time, and nothing of code and place.</summary>
    /// <remarks>A value that stands twice, under keys that differ in case, is not a fault but an exception of the JSON reader: it has a test of its own.</remarks>
    public static IReadOnlyList<OnlyTheLoader> Inexpressible { get; } =
    [
        new("a `BasedOn` or `Pipeline` that names no pipeline, or a circle of them", "there is no pipeline of this name", """{ "Pipelines": { "a": { "BasedOn": "nobody" } } }"""),
        new("a `BasedOn` or `Pipeline` that names no pipeline, or a circle of them", "goes round in a circle", """{ "Pipelines": { "a": { "BasedOn": "a" } } }"""),
        new("a `Retry:MinWait` over `Retry:MaxWait`", "is longer than MaxWait", """{ "Pipelines": { "a": { "Retry": { "MinWait": "00:00:20", "MaxWait": "00:00:10" } } } }"""),
        new("a `Bulkhead:MaxConcurrency` outside of `Adaptive:MinLimit` and `Adaptive:MaxLimit`", "is where adaptive slots begin", """{ "Pipelines": { "a": { "Bulkhead": { "MaxConcurrency": 2, "Adaptive": { "Policy": "Gradient" } } } } }"""),
        new("a `CircuitBreaker` that nothing opens", "nothing opens this circuit", """{ "Pipelines": { "a": { "CircuitBreaker": { "FailureThreshold": null } } } }"""),
        new("a `CircuitBreaker:MaxRecoveryTimeout` under `RecoveryTimeout`, with a `RecoveryMultiplier`", "is shorter than RecoveryTimeout", """{ "Pipelines": { "a": { "CircuitBreaker": { "RecoveryMultiplier": 2, "MaxRecoveryTimeout": "00:00:10" } } } }"""),
        new("one header for `Idempotency:RequestIdHeader` and `Idempotency:KeyHeader`", "is also the RequestIdHeader", """{ "Pipelines": { "a": { "Idempotency": { "KeyHeader": "x-request-id" } } } }"""),
        new("`Chaos:Enabled` in Production", "calls do not fail on purpose", """{ "Pipelines": { "a": { "Chaos": { "Enabled": true } } } }"""),
        new("`LoadShedding:Enabled` without `AddLoadShedding`", "needs readings of the load", """{ "Pipelines": { "a": { "LoadShedding": { "Enabled": true } } } }"""),
        new("`CircuitBreaker:Shared` or `Bulkhead:Shared` without a store, such as that of `AddRedis`", "needs a store that all instances use", """{ "Pipelines": { "a": { "CircuitBreaker": { "Shared": true } } } }"""),
        new("`Bulkhead:Shared` with `Adaptive`", "cannot be combined with Adaptive", """{ "Pipelines": { "a": { "Bulkhead": { "Shared": true, "Adaptive": { "Policy": "Gradient" } } } } }"""),
        new("an address whose fault only `Uri` detects", "allowed is an absolute http or https address", """{ "Pipelines": { "a": { "BaseAddress": "https://bank.example:99999" } } }""", IsGenerated: false),
    ];

    /// <summary>What the loader takes and the schema does not: a configuration is keys and texts, whatever the JSON was.</summary>
    public static IReadOnlyList<OnlyTheSchema> Stricter { get; } =
    [
        new("keys and choices in another case", """{ "pipelines": { "a": { "retry": { "maxAttempts": 5 } } } }"""),
        new("keys and choices in another case", """{ "Pipelines": { "a": { "CircuitBreaker": { "Mode": "observe" } } } }"""),
        new("numbers and switches in quotes, texts without", """{ "Pipelines": { "a": { "Retry": { "MaxAttempts": "5", "Jitter": "False" } } } }"""),
        new("numbers and switches in quotes, texts without", """{ "Pipelines": { "a": { "Idempotency": { "KeyHeader": 5 } } } }"""),
        new("keys joined by `:`", """{ "Pipelines": { "a:Retry:MaxAttempts": 5 } }"""),
        new("`null`, an empty text or an empty list for a block, which all count as `{}`", """{ "Pipelines": { "a": { "Retry": null, "Timeout": "", "Bulkhead": [] } } }"""),
        new("`{}` for a value that may be `null`", """{ "Pipelines": { "a": { "Timeout": { "Total": {} } } } }"""),
        new("a list of pipelines or queues; their names become `0`, `1`, ...", """{ "Pipelines": [ { "Retry": { "MaxAttempts": 5 } } ] }"""),
        new("spaces around a number or an address, and addresses that only `Uri` accepts", """{ "Pipelines": { "a": { "BaseAddress": " https://bank.example", "Retry": { "MaxAttempts": " 5 " } } } }"""),
        new("digits that no `double` holds", """{ "Pipelines": { "a": { "Alerts": { "RetryRate": 1.00000000000000000001 } } } }"""),
    ];
}

/// <summary>A fault that the schema cannot find.</summary>
/// <param name="What">The words of the page.</param>
/// <param name="Fault">Part of the loader's message.</param>
/// <param name="Example">The content of a section that has this fault and no other.</param>
/// <param name="IsGenerated">Whether generated files have it.</param>
internal sealed record OnlyTheLoader(string What, string Fault, string Example, bool IsGenerated = true)
{
    public bool Is(string fault) => fault.Contains(Fault, StringComparison.Ordinal);
}

/// <summary>What the loader takes, and the schema does not.</summary>
/// <param name="What">The words of the page.</param>
/// <param name="Example">The content of a section that has this and is otherwise right.</param>
internal sealed record OnlyTheSchema(string What, string Example);
