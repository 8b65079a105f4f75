using Microsoft.Extensions.Configuration;

namespace Resilience.Polly;

/// <summary>
/// All keys of one options class. The same table reads the configuration, checks values set in code,
/// compares two versions and lists the settings, so that a name or a range is never written twice.
/// </summary>
internal sealed class SettingsBlock<TBlock>
{
    private readonly List<Setting<TBlock>> _settings = [];
    private readonly List<ChildBlock<TBlock>> _children = [];

    /// <summary>Adds a setting.</summary>
    public SettingsBlock<TBlock> Add<TValue>(
        string name, ValueKind<TValue> kind, Func<TBlock, TValue> get, Action<TBlock, TValue> set)
    {
        _settings.Add(new Setting<TBlock, TValue>(name, kind, get, set));
        return this;
    }

    /// <summary>Adds a setting that may be absent.</summary>
    public SettingsBlock<TBlock> AddOptional<TValue>(
        string name, ValueKind<TValue> kind, Func<TBlock, TValue?> get, Action<TBlock, TValue?> set)
        where TValue : struct => Add(name, new OptionalKind<TValue>(kind), get, set);

    /// <summary>Adds a block inside this one.</summary>
    public SettingsBlock<TBlock> AddBlock<TChild>(
        string name, SettingsBlock<TChild> block, Presets<TChild> presets, Func<TBlock, TChild> get, Action<TBlock, TChild> set)
    {
        _children.Add(new ChildBlock<TBlock, TChild>(name, block, presets, get, set));
        return this;
    }

    /// <summary>Reads every key of <paramref name="section"/> but <paramref name="handled"/>, which the caller has read already.</summary>
    public void Read(IConfigurationSection section, TBlock target, ICollection<SettingFault> faults, string? handled = null)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.Add(SettingFault.At(section, $"a block of settings is expected here, with the keys {KnownKeys()}"));
            return;
        }

        foreach (var entry in section.GetChildren())
        {
            if (_settings.Find(s => Matches(s.Name, entry.Key)) is { } setting)
            {
                var problem = entry.GetChildren().Any()
                    ? $"a single value is expected here, allowed is {setting.Range}"
                    : setting.Read(target, entry.Value);
                if (problem is not null)
                {
                    faults.Add(SettingFault.At(entry, problem));
                }
            }
            else if (_children.Find(c => Matches(c.Name, entry.Key)) is { } child)
            {
                child.Read(entry, target, faults);
            }
            else if (!entry.Key.Equals(handled, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(SettingFault.At(entry, $"unknown key, known here are {KnownKeys()}"));
            }
        }
    }

    /// <summary>Checks the values as they stand after code has set some.</summary>
    public void Check(TBlock block, string path, ICollection<SettingFault> faults)
    {
        foreach (var setting in _settings)
        {
            if (setting.Check(block) is { } problem)
            {
                faults.Add(SettingFault.InCode($"{path}:{setting.Name}", setting.Print(block), problem));
            }
        }

        foreach (var child in _children)
        {
            child.Check(block, path, faults);
        }
    }

    /// <summary>Every setting with its value, as <c>Retry:MaxAttempts</c>, <c>3</c>.</summary>
    public IEnumerable<SettingValue> List(TBlock block, string prefix = "") =>
        _settings.Select(s => new SettingValue(prefix + s.Name, s.Print(block)))
            .Concat(_children.SelectMany(c => c.List(block, prefix)));

    private string KnownKeys() => string.Join(", ", _settings.Select(s => s.Name).Concat(_children.Select(c => c.Name)));

    private static bool Matches(string name, string key) => name.Equals(key, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The value of one setting of one pipeline.</summary>
internal readonly record struct SettingValue(string Name, string Value);
