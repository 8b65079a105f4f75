using System.Runtime.CompilerServices;

namespace Resilience.Polly.Settings;

/// <summary>
/// The settings table of one options class, with all its keys. The same table reads the configuration, checks values set in code,
/// compares and copies versions and lists the settings, so each name and range is written once.
/// </summary>
internal sealed class SettingsBlock<TBlock>
    where TBlock : class, new()
{
    private const string Preset = "Preset";

    private readonly List<Setting<TBlock>> _settings = [];
    private readonly Dictionary<string, Setting<TBlock>> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Func<TBlock, SettingFault?>> _rules = [];
    private readonly Dictionary<string, Func<TBlock>> _presets = new(StringComparer.OrdinalIgnoreCase);
    private Func<TBlock, TBlock, bool>? _areEqualInCode;
    private Action<TBlock>? _detach;

    public SettingsBlock<TBlock> Add<TValue>(string name, ValueKind<TValue> kind, Func<TBlock, TValue> get, Action<TBlock, TValue> set) =>
        Add(new ValueSetting<TBlock, TValue>(name, kind, get, set));

    public SettingsBlock<TBlock> AddOptional<TValue>(string name, ValueKind<TValue> kind, Func<TBlock, TValue?> get, Action<TBlock, TValue?> set)
        where TValue : struct => Add(name, new OptionalKind<TValue>(kind), get, set);

    public SettingsBlock<TBlock> AddBlock<TChild>(string name, SettingsBlock<TChild> child, Func<TBlock, TChild> get, Action<TBlock, TChild> set)
        where TChild : class, new() => Add(new BlockSetting<TBlock, TChild>(name, child, get, set));

    /// <summary>Adds a setting that only code can set and that has no text form.</summary>
    /// <param name="areEqual">Compares it in two versions.</param>
    /// <param name="detach">Gives a copy its own instance of mutable values; <see langword="null"/> if there are none.</param>
    public SettingsBlock<TBlock> AddInCode(Func<TBlock, TBlock, bool> areEqual, Action<TBlock>? detach = null)
    {
        (_areEqualInCode, _detach) = (areEqual, detach);
        return this;
    }

    /// <summary>Adds a rule on more than one setting. The path of its fault begins inside the block.</summary>
    public SettingsBlock<TBlock> AddRule(Func<TBlock, SettingFault?> rule)
    {
        _rules.Add(rule);
        return this;
    }

    /// <summary>Adds a preset; each use creates a new instance.</summary>
    public SettingsBlock<TBlock> AddPreset(string name, Func<TBlock> create)
    {
        _presets.Add(name, create);
        return this;
    }

    /// <summary>Reads a block inside another one. Its preset replaces the inherited values, wherever it is in the block; the keys beside it then change single values.</summary>
    public TBlock? ReadInside(SettingsEntry section, TBlock? inherited, ICollection<SettingFault> faults)
    {
        var (target, preset) = (inherited, section[Preset]);
        if (_presets.TryGetValue(preset?.Value ?? "", out var create))
        {
            target = create();
        }
        else if (preset is { Value: not null } or { Children.Length: > 0 } || (preset is not null && _presets.Count == 0))
        {
            faults.Add(SettingFault.At(preset, _presets.Count == 0 ? "unknown key, this block has no presets" : $"not one of {string.Join(", ", _presets.Keys)}"));
        }

        if (target is not null)
        {
            Read(section, target, faults, handled: Preset);
        }

        return target;
    }

    /// <summary>Reads every key of <paramref name="section"/> except <paramref name="handled"/>, which was read before.</summary>
    public void Read(SettingsEntry section, TBlock target, ICollection<SettingFault> faults, string? handled = null)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.Add(SettingFault.At(section, $"a block of settings is expected here, with the keys {KnownKeys()}"));
            return;
        }

        foreach (var entry in section.Children)
        {
            if (_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(entry.Key, out var setting))
            {
                setting.Read(entry, target, faults);
            }
            else if (handled is null || !entry.Key.Equals(handled, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(SettingFault.At(entry, $"unknown key, known here are {KnownKeys()}"));
            }
        }
    }

    /// <summary>Runs the application's code that sets options, and checks the result like a configuration.</summary>
    public void Run(Action<TBlock> code, TBlock target, string path, string what, ICollection<SettingFault> faults)
    {
        try
        {
            code(target);
        }
        catch (Exception exception) // any exception of the application's code is one more fault of the settings
        {
            faults.Add(new(path, null, $"the code that configures this {what} failed: {exception.GetType().Name}: {exception.Message}"));
        }

        Check(target, path, faults);
    }

    // Each reload checks, compares and copies every block of every pipeline: a lambda with a closure would be a quarter of its garbage.
    public void Check(TBlock block, string path, ICollection<SettingFault> faults)
    {
        foreach (var setting in _settings)
        {
            setting.Check(block, path, faults);
        }
    }

    /// <summary>Checks rules on more than one setting, once all of them are set. The paths of the faults begin inside the block.</summary>
    public void CheckRules(TBlock block, List<SettingFault> faults)
    {
        foreach (var rule in _rules)
        {
            if (rule(block) is { } fault)
            {
                faults.Add(fault);
            }
        }

        foreach (var setting in _settings)
        {
            setting.CheckRules(block, faults);
        }
    }

    /// <summary>Every setting with its value, as <c>Retry:MaxAttempts</c>, <c>3</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> List(TBlock block, string prefix = "") => _settings.SelectMany(setting => setting.List(block, prefix));

    /// <summary>Whether two versions of the settings behave alike. Then a reload causes no event.</summary>
    public bool AreEqual(TBlock left, TBlock right)
    {
        foreach (var setting in _settings)
        {
            if (!setting.AreEqual(left, right))
            {
                return false;
            }
        }

        return _areEqualInCode?.Invoke(left, right) != false;
    }

    /// <summary>A copy that shares nothing mutable with <paramref name="from"/>.</summary>
    public TBlock Copy(TBlock from)
    {
        var copy = (TBlock)Clone(from);
        foreach (var setting in _settings)
        {
            setting.Detach(copy);
        }

        _detach?.Invoke(copy);
        return copy;
    }

    private SettingsBlock<TBlock> Add(Setting<TBlock> setting)
    {
        _settings.Add(setting);
        _byName.Add(setting.Name, setting);
        return this;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MemberwiseClone")]
    private static extern object Clone(object options);

    private string KnownKeys() => string.Join(", ", _settings.Select(setting => setting.Name));
}
