using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>
/// The settings of an application whose configuration is known are read in one pass over the keys. Without that configuration the library asks sections
/// for their children, as it always did: that is the oracle here.
/// </summary>
public class OnePassTests
{
    [Fact]
    public void Start_any_configuration_is_read_as_by_its_sections()
    {
        var seed = Random.Shared.Next();
        for (var i = 0; i < 400; i++)
        {
            var random = new Random(unchecked(seed + i));
            var root = Configurations.Create(random);

            var (expected, actual) = (Read(root, knowsRoot: false), Read(root, knowsRoot: true));

            // Of two spellings of a key, the one that a section shows is up to an unstable sort.
            Assert.True(expected.Equals(actual, StringComparison.OrdinalIgnoreCase), $"Seed {seed + i}\n--- by sections\n{expected}\n--- in one pass\n{actual}\n--- of\n{Configurations.Describe(root)}");
        }
    }

    [Fact]
    public void Start_generated_configurations_load_and_fail_in_many_ways()
    {
        string[] read = [.. Enumerable.Range(0, 200).Select(seed => Read(Configurations.Create(new Random(seed)), knowsRoot: true))];

        Assert.InRange(read.Count(text => text.StartsWith("faults", StringComparison.Ordinal)), 40, 180);
        Assert.Contains(read, text => text.Contains("unknown key", StringComparison.Ordinal));
        Assert.Contains(read, text => text.Contains("a single value is expected here", StringComparison.Ordinal));
        Assert.Contains(read, text => text.Contains("a block of settings is expected here", StringComparison.Ordinal));
        Assert.Contains(read, text => text.Contains("has no value", StringComparison.Ordinal));
    }

    [Fact]
    public void Reload_of_a_known_configuration_changes_what_it_says_and_refuses_what_is_bad()
    {
        var provider = new CountingProvider(pipelines: 3);
        var root = new ConfigurationRoot([provider]);
        using var services = Services(root, knowsRoot: true);
        var options = services.GetRequiredService<IOptionsMonitor<PipelineOptions>>();
        Assert.Equal(3, options.Get("service-1").Retry.MaxAttempts);

        provider.Change("Resilience:Pipelines:service-1:Retry:MaxAttempts", "7");
        Assert.Equal(7, options.Get("service-1").Retry.MaxAttempts);

        provider.Change("Resilience:Pipelines:service-1:Retry:MaxAtempts", "8");
        Assert.Equal(7, options.Get("service-1").Retry.MaxAttempts);
    }

    [Fact]
    public void Start_and_reload_look_at_the_keys_in_a_straight_line()
    {
        var (small, large) = (Looks(pipelines: 100), Looks(pipelines: 1_000));

        Assert.InRange(large.Start, 1, small.Start * 12);
        Assert.InRange(large.Reload, 1, small.Reload * 12);
        Assert.InRange(large.Start, 1, 1_000 * 5 * 20); // five keys a pipeline, each looked at a few times
    }

    [Fact]
    public void Start_a_provider_with_keys_of_its_own_is_asked_for_them()
    {
        var root = new ConfigurationRoot([new CountingProvider(pipelines: 2), new HidingProvider()]);

        Assert.Equal(Read(root, knowsRoot: false), Read(root, knowsRoot: true));
        Assert.Contains("hidden Retry:MaxAttempts 9", Read(root, knowsRoot: true), StringComparison.Ordinal);
    }

    private static (long Start, long Reload) Looks(int pipelines)
    {
        var provider = new CountingProvider(pipelines);
        using var services = Services(new ConfigurationRoot([provider]), knowsRoot: true);
        provider.Looks = 0;
        services.GetRequiredService<IOptionsMonitor<PipelineOptions>>().Get("service-1");
        var start = provider.Looks;
        provider.Looks = 0;
        provider.Change("Resilience:Pipelines:service-1:Retry:MaxAttempts", "7");
        return (start, provider.Looks);
    }

    /// <summary>All settings of all pipelines and queues, or the faults.</summary>
    private static string Read(IConfigurationRoot root, bool knowsRoot)
    {
        using var services = Services(root, knowsRoot);
        try
        {
            var pipelines = services.GetRequiredService<IResilienceMonitor>().GetSnapshots().Select(snapshot => (snapshot.Name, snapshot.Options));
            var queues = services.GetRequiredService<RequestQueueProvider>().GetSnapshots();
            return string.Join('\n', pipelines.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).SelectMany(p => p.Options.ListSettings().Select(setting => $"{p.Name} {setting.Key} {setting.Value}")))
                + string.Join('\n', queues.Select(queue => $"{queue.Name} {queue.Options.Pipeline} {queue.Options.Capacity} {queue.Options.Pause}"));
        }
        catch (ResilienceConfigurationException refused)
        {
            return $"faults\n{string.Join('\n', refused.Failures)}";
        }
    }

    private static ServiceProvider Services(IConfigurationRoot root, bool knowsRoot)
    {
        var services = new ServiceCollection();
        if (knowsRoot)
        {
            services.AddSingleton<IConfiguration>(root);
        }

        services.AddResilience(root.GetSection("Resilience"));
        return services.BuildServiceProvider();
    }

    /// <summary>Configurations as people write them, and as they do not: several providers over each other, cases, empty and foreign keys, arrays, nulls.</summary>
    private static class Configurations
    {
        private static readonly string[] Leaves =
        [
            "Retry:MaxAttempts=4", "Retry:MaxAttempts=x", "Retry:Jitter=false", "Retry:Preset=Conservative", "Retry:Preset=None", "Retry:MinWait=00:00:02", "Retry:Budget:Enabled=false",
            "Retry:Budget:Ratio=0.3", "Retry:Budget=7", "Retry:Bugdet:Ratio=1", "Retry=", "Retry=3", "Retry:0=3", "Retry:1:MaxAttempts=3", "Retry:MaxAttempts:More=1", "Timeout:Read=00:00:09",
            "Timeout:Read", "Timeout:Total", "Timeout:Preset:Name=LowLatency", "Timeout:Reed=1", "Timeout::Read=1", "Bulkhead:MaxConcurrency=9", "Bulkhead:Adaptive:Policy=Gradient", "Bulkhead:Adaptive",
            "CircuitBreaker:Mode=Observe", "Chaos:Enabled=false", "BasedOn=a", "BasedOn=b", "BasedOn=nobody", "BasedOn", "BaseAddress=https://a.internal", "Importance=Critical", "MapExceptions=false",
            "Unknown=1", "Unknown:Deep:Down=1", "", "=text",
        ];

        private static readonly string[] Places =
        [
            "Pipelines:a", "Pipelines:b", "Pipelines:c", "Pipelines:a/b", "Pipelines:12", "Pipelines:2", "Pipelines:", "Pipelines", "Defaults", "Defauts", "Queues:q", "Queues", "",
        ];

        private static readonly string[] QueueLeaves = ["Capacity=3", "Capacity=-1", "Pipeline=a", "Pipeline=nobody", "Pause=00:00:03", "Paus=1", ""];

        public static IConfigurationRoot Create(Random random)
        {
            var daring = random.Next(4) == 0;
            var builder = new ConfigurationBuilder();
            for (var provider = random.Next(1, 4); provider > 0; provider--)
            {
                var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Resiliencex:Pipelines:a:Unknown"] = "1" };
                for (var key = random.Next(1, 10); key > 0; key--)
                {
                    var place = daring ? Places[random.Next(Places.Length)] : Places[random.Next(6)];
                    var leaves = place.StartsWith("Queues", StringComparison.Ordinal) ? QueueLeaves : daring || random.Next(12) == 0 ? Leaves : [.. Leaves.Where(IsFine)];
                    var leaf = leaves[random.Next(leaves.Length)].Split('=');
                    var path = string.Join(':', new[] { "Resilience", place, leaf[0] }.Where((part, at) => at == 0 || part.Length > 0));
                    keys[Cased(path, random)] = leaf.Length > 1 ? leaf[1] : null;
                }

                _ = random.Next(4) == 0
                    ? builder.AddConfiguration(new ConfigurationBuilder().AddInMemoryCollection(keys).Build())
                    : builder.AddInMemoryCollection(keys);
            }

            return builder.Build();
        }

        public static string Describe(IConfigurationRoot root) => string.Join('\n', root.AsEnumerable().Select(entry => $"{entry.Key} = {entry.Value ?? "null"}"));

        private static bool IsFine(string leaf) => leaf is "Retry:MaxAttempts=4" or "Retry:Jitter=false" or "Retry:Preset=Conservative" or "Retry:Budget:Ratio=0.3" or "Retry:MinWait=00:00:02"
            or "Timeout:Read=00:00:09" or "Timeout:Total" or "Bulkhead:MaxConcurrency=9" or "BasedOn=a" or "CircuitBreaker:Mode=Observe" or "Importance=Critical";

        private static string Cased(string path, Random random) => random.Next(3) switch
        {
            0 => path.ToUpper(CultureInfo.InvariantCulture),
            _ => path,
        };
    }

    /// <summary>Pipelines with five keys each, which counts how often one of them is looked at.</summary>
    private sealed class CountingProvider : ConfigurationProvider
    {
        public CountingProvider(int pipelines)
        {
            Data = new CountingKeys(this);
            foreach (var name in Enumerable.Range(0, pipelines).Select(number => $"Resilience:Pipelines:service-{number}"))
            {
                Data[$"{name}:Retry:MaxAttempts"] = "3";
                Data[$"{name}:Retry:MinWait"] = "00:00:01";
                Data[$"{name}:Timeout:Read"] = "00:00:05";
                Data[$"{name}:Bulkhead:MaxConcurrency"] = "30";
                Data[$"{name}:CircuitBreaker:FailureThreshold"] = "5";
            }
        }

        public long Looks { get; set; }

        public void Change(string key, string value)
        {
            Data[key] = value;
            OnReload();
        }
    }

    private sealed class CountingKeys(CountingProvider owner) : IDictionary<string, string?>
    {
        private readonly Dictionary<string, string?> _all = new(StringComparer.OrdinalIgnoreCase);

        public ICollection<string> Keys
        {
            get
            {
                owner.Looks += _all.Count;
                return _all.Keys;
            }
        }

        public ICollection<string?> Values => _all.Values;

        public int Count => _all.Count;

        public bool IsReadOnly => false;

        public string? this[string key]
        {
            get => _all[key];
            set => _all[key] = value;
        }

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out string? value)
        {
            owner.Looks++;
            return _all.TryGetValue(key, out value);
        }

        public bool ContainsKey(string key) => _all.ContainsKey(key);

        public IEnumerator<KeyValuePair<string, string?>> GetEnumerator()
        {
            owner.Looks += _all.Count;
            return _all.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Add(string key, string? value) => _all.Add(key, value);

        public void Add(KeyValuePair<string, string?> item) => _all.Add(item.Key, item.Value);

        public void Clear() => _all.Clear();

        public bool Contains(KeyValuePair<string, string?> item) => _all.Contains(item);

        public void CopyTo(KeyValuePair<string, string?>[] array, int arrayIndex) => throw new NotSupportedException();

        public bool Remove(string key) => _all.Remove(key);

        public bool Remove(KeyValuePair<string, string?> item) => _all.Remove(item.Key);
    }

    /// <summary>A provider that has no data to look into, and says what its keys are when it is asked.</summary>
    private sealed class HidingProvider : ConfigurationProvider
    {
        private const string Key = "Resilience:Pipelines:hidden:Retry:MaxAttempts";

        public override bool TryGet(string key, out string? value)
        {
            value = key.Equals(Key, StringComparison.OrdinalIgnoreCase) ? "9" : null;
            return value is not null;
        }

        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
            parentPath is not null && Key.StartsWith($"{parentPath}:", StringComparison.OrdinalIgnoreCase)
                ? [.. earlierKeys, Key[(parentPath.Length + 1)..].Split(':')[0]]
                : earlierKeys;
    }
}
