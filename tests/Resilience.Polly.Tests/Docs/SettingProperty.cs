using System.Globalization;
using System.Reflection;

namespace Resilience.Polly.Tests;

/// <summary>A property of the options classes that the configuration sets, with the key that the configuration knows it by, below the name of a pipeline or of a queue.</summary>
internal sealed record SettingProperty(string Key, PropertyInfo Property, object? Default)
{
    public static IReadOnlyList<SettingProperty> All { get; } =
        [.. Of(typeof(PipelineOptions), new PipelineOptions(), ""), .. Of(typeof(QueueOptions), new QueueOptions(), "")];

    public bool IsOfQueue => Property.DeclaringType == typeof(QueueOptions);

    /// <summary>The section that the key stands in, below a name.</summary>
    public string Section => IsOfQueue ? "Queues" : "Pipelines";

    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether the property is declared to take <see langword="null"/>.</summary>
    public bool CanBeNull => new NullabilityInfoContext().Create(Property).WriteState == NullabilityState.Nullable;

    public bool IsBlock => Type.Namespace == typeof(PipelineOptions).Namespace && Type.IsClass;

    /// <summary>The page that documents the property.</summary>
    public string Page => $"docs/{Key.Split(':')[0] switch
    {
        _ when IsOfQueue => "queue",
        "Timeout" when Key != "Timeout" => "timeouts",
        "Retry" when Key != "Retry" => "retries",
        "CircuitBreaker" when Key != "CircuitBreaker" => "circuit-breaker",
        "Bulkhead" when Key != "Bulkhead" => "bulkhead",
        "RateLimit" when Key != "RateLimit" => "rate-limit",
        "LoadShedding" when Key != "LoadShedding" => "load-shedding",
        "Alerts" when Key != "Alerts" => "monitoring",
        "Idempotency" when Key != "Idempotency" => "http",
        "Chaos" when Key != "Chaos" => "chaos",
        "PartitionBy" or "MaxPartitions" or "MaxOpenShare" or "PartitionIdleTimeout" or "PartitionMetrics" => "partitions",
        _ => "pipelines",
    }}.md";

    public static SettingProperty Of(string key) => All.Single(property => property.Key == key);

    /// <summary>The value of the setting in the options of a pipeline or of a queue.</summary>
    public object? ValueIn(object options) =>
        Key.Split(':').Aggregate((object?)options, (owner, name) => owner!.GetType().GetProperty(name)!.GetValue(owner));

    public static string Print(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static IEnumerable<SettingProperty> Of(Type type, object instance, string prefix)
    {
        foreach (var property in type.GetProperties().Where(p => p.SetMethod is not null && !p.PropertyType.IsAssignableTo(typeof(Delegate))))
        {
            var setting = new SettingProperty(prefix + property.Name, property, property.GetValue(instance));
            yield return setting;
            if (setting.IsBlock)
            {
                foreach (var inner in Of(setting.Type, setting.Default!, $"{setting.Key}:"))
                {
                    yield return inner;
                }
            }
        }
    }
}
