using Microsoft.Extensions.Configuration;

namespace Resilience.Polly;

/// <summary>
/// All keys of one options class. The same table reads the configuration, checks values set in code,
/// compares two versions and lists the settings, so that a name or a range is never written twice.
/// </summary>
internal sealed class SettingsBlock<TBlock>(Setting<TBlock>[] settings, params ChildBlock<TBlock>[] children)
{
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
            if (Array.Find(settings, s => Matches(s.Name, entry.Key)) is { } setting)
            {
                var problem = entry.GetChildren().Any()
                    ? $"a single value is expected here, allowed is {setting.Range}"
                    : setting.Read(target, entry.Value);
                if (problem is not null)
                {
                    faults.Add(SettingFault.At(entry, problem));
                }
            }
            else if (Array.Find(children, c => Matches(c.Name, entry.Key)) is { } child)
            {
                child.Read(entry, target, faults);
            }
            else if (!entry.Key.Equals(handled, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(SettingFault.At(entry, $"unknown key, known here are {KnownKeys()}"));
            }
        }
    }

    /// <summary>Checks the values as they stand, whoever set them.</summary>
    public void Check(TBlock block, string path, string origin, ICollection<SettingFault> faults)
    {
        foreach (var setting in settings)
        {
            if (setting.Check(block) is { } problem)
            {
                faults.Add(new($"{path}:{setting.Name}", $"{setting.Print(block)} ({origin})", problem));
            }
        }

        foreach (var child in children)
        {
            child.Check(block, path, origin, faults);
        }
    }

    /// <summary>Every setting with its value, as <c>Retry:MaxAttempts</c>, <c>3</c>.</summary>
    public IEnumerable<SettingValue> List(TBlock block, string prefix = "") =>
        settings.Select(s => new SettingValue(prefix + s.Name, s.Print(block), s.Range))
            .Concat(children.SelectMany(c => c.List(block, prefix)));

    private string KnownKeys() => string.Join(", ", settings.Select(s => s.Name).Concat(children.Select(c => c.Name)));

    private static bool Matches(string name, string key) => name.Equals(key, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The value and the range of one setting of one pipeline.</summary>
internal readonly record struct SettingValue(string Name, string Value, string Range);
