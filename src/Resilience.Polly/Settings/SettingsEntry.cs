using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;

namespace Resilience.Polly.Settings;

/// <summary>A key of the configuration, its value, and everything below it, as of one moment.</summary>
/// <remarks>
/// <see cref="IConfiguration.GetChildren"/> reads all keys of the configuration each time, so the work would grow with the square of the number of pipelines.
/// This class reads all keys once. For that it needs the root, which a section does not expose, and the keys of a provider (decision 35).
/// Without them it calls <see cref="IConfiguration.GetChildren"/>.
/// </remarks>
internal sealed class SettingsEntry
{
    // From this many children on, a child is found by its hash.
    private const int Many = 16;

    private List<SettingsEntry>? _children;
    private Dictionary<string, SettingsEntry>? _byKey;
    private readonly int _key;

    private SettingsEntry(string path) => (Path, _key) = (path, path.LastIndexOf(':') + 1);

    /// <summary>The path from the root of the configuration, as in messages.</summary>
    public string Path { get; }

    /// <summary>The last part of <see cref="Path"/>.</summary>
    public ReadOnlySpan<char> Key => Path.AsSpan(_key);

    public string? Value { get; private set; }

    /// <summary>The children, in the order of <see cref="ConfigurationKeyComparer"/>.</summary>
    public ReadOnlySpan<SettingsEntry> Children => CollectionsMarshal.AsSpan(_children);

    /// <summary>The child of this name, ignoring case.</summary>
    public SettingsEntry? this[string key] => Find(key);

    /// <summary>Reads <paramref name="section"/>, which usually belongs to the configuration of the application.</summary>
    public static SettingsEntry Read(IConfigurationSection section, IConfiguration? application)
    {
        // A section and its root have the same token. If a reload comes in between, the slow way is right too.
        if (application is not IConfigurationRoot root || !ReferenceEquals(section.GetReloadToken(), root.GetReloadToken()))
        {
            return ReadChildren(section);
        }

        var entry = new SettingsEntry(section.Path);
        entry.AddKeysOf(root);
        entry.Complete(root);
        return entry;
    }

    private static SettingsEntry ReadChildren(IConfigurationSection section)
    {
        var entry = new SettingsEntry(section.Path) { Value = section.Value };
        foreach (var child in section.GetChildren())
        {
            (entry._children ??= []).Add(ReadChildren(child));
        }

        return entry;
    }

    // The provider that wins also decides the spelling of the key.
    private void AddKeysOf(IConfigurationRoot root)
    {
        foreach (var provider in root.Providers.Reverse())
        {
            switch (provider)
            {
                case ChainedConfigurationProvider { Configuration: IConfigurationRoot inner }:
                    AddKeysOf(inner);
                    break;
                case ConfigurationProvider known when HasItsKeysInData(known):
                    foreach (var key in Data(known).Keys)
                    {
                        AddKey(key);
                    }

                    break;
                default:
                    AddKeysBelow(provider, Path);
                    break;
            }
        }
    }

    private void AddKeysBelow(IConfigurationProvider provider, string path)
    {
        foreach (var key in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var below = ConfigurationPath.Combine(path, key);
            AddKey(below);
            AddKeysBelow(provider, below);
        }
    }

    private void AddKey(string key)
    {
        if (key.Length <= Path.Length || key[Path.Length] != ':' || !key.StartsWith(Path, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var entry = this;
        for (var (begin, end) = (Path.Length + 1, 0); end < key.Length; begin = end + 1)
        {
            end = key.IndexOf(':', begin) is var delimiter and >= 0 ? delimiter : key.Length;
            var name = key.AsSpan(begin, end - begin);
            entry = entry.Find(name) ?? entry.Add(end == key.Length && key.StartsWith(entry.Path, StringComparison.Ordinal) ? key : $"{entry.Path}:{name}");
        }
    }

    private SettingsEntry? Find(ReadOnlySpan<char> key)
    {
        if (_byKey is not null)
        {
            return _byKey.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var found) ? found : null;
        }

        var children = Children;
        for (var i = children.Length - 1; i >= 0; i--) // from the end, since neighbours in a file often come one after another
        {
            if (key.Equals(children[i].Key, StringComparison.OrdinalIgnoreCase))
            {
                return children[i];
            }
        }

        return null;
    }

    private SettingsEntry Add(string path)
    {
        var child = new SettingsEntry(path);
        (_children ??= []).Add(child);
        if (_byKey is not null)
        {
            _byKey.Add(child.Key.ToString(), child);
        }
        else if (_children.Count == Many)
        {
            _byKey = _children.ToDictionary(each => each.Key.ToString(), StringComparer.OrdinalIgnoreCase);
        }

        return child;
    }

    private void Complete(IConfigurationRoot root)
    {
        Value = root[Path];
        _children?.Sort(static (left, right) => ConfigurationKeyComparer.Instance.Compare(left.Path, right.Path));
        foreach (var child in Children)
        {
            child.Complete(root);
        }
    }

    // A provider may override its keys.
    private static bool HasItsKeysInData(ConfigurationProvider provider) =>
        ((Func<IEnumerable<string>, string?, IEnumerable<string>>)provider.GetChildKeys).Method.DeclaringType == typeof(ConfigurationProvider);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Data")]
    private static extern IDictionary<string, string?> Data(ConfigurationProvider provider);
}
