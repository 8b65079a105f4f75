using Microsoft.Extensions.Configuration;

namespace Resilience.Polly;

/// <summary>A block inside another block, such as <c>Retry</c> inside a pipeline.</summary>
internal abstract class ChildBlock<TParent>(string name)
{
    public string Name => name;

    public abstract void Read(IConfigurationSection section, TParent parent, ICollection<SettingFault> faults);

    public abstract void Check(TParent parent, string path, ICollection<SettingFault> faults);

    public abstract IEnumerable<SettingValue> List(TParent parent, string prefix);
}

/// <summary>Binds the table of a block to the property of the parent that holds the block.</summary>
internal sealed class ChildBlock<TParent, TBlock>(
    string name,
    SettingsBlock<TBlock> block,
    Presets<TBlock> presets,
    Func<TParent, TBlock> get,
    Action<TParent, TBlock> set)
    : ChildBlock<TParent>(name)
{
    private const string Preset = "Preset";

    public override void Read(IConfigurationSection section, TParent parent, ICollection<SettingFault> faults)
    {
        // A preset replaces what was inherited, wherever it stands in the block; the keys beside it then change single values.
        var preset = section.GetSection(Preset);
        if (preset.Exists())
        {
            if (presets.TryGetValue(preset.Value ?? "", out var create))
            {
                set(parent, create());
            }
            else
            {
                faults.Add(SettingFault.At(
                    preset, presets.Count == 0 ? "unknown key, this block has no presets" : $"not one of {string.Join(", ", presets.Keys)}"));
            }
        }

        // Code may have taken the block away, which Check tells.
        if (get(parent) is { } present)
        {
            block.Read(section, present, faults, handled: Preset);
        }
    }

    public override void Check(TParent parent, string path, ICollection<SettingFault> faults)
    {
        if (get(parent) is { } present)
        {
            block.Check(present, $"{path}:{Name}", faults);
        }
        else
        {
            faults.Add(SettingFault.InCode($"{path}:{Name}", "null", "a block of settings is expected here"));
        }
    }

    public override IEnumerable<SettingValue> List(TParent parent, string prefix) => block.List(get(parent), $"{prefix}{Name}:");
}
