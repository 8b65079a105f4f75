namespace Resilience.Polly.Settings;

/// <summary>One key of a block of settings: how it is read, checked, printed and copied.</summary>
internal abstract class Setting<TBlock>(string name)
{
    public string Name => name;

    /// <summary>Sets the configured value. A faulty entry leaves the old value.</summary>
    public abstract void Read(SettingsEntry entry, TBlock block, ICollection<SettingFault> faults);

    /// <summary>Checks the value that code may have set.</summary>
    public abstract void Check(TBlock block, string path, ICollection<SettingFault> faults);

    /// <summary>Checks what depends on more than one setting.</summary>
    public virtual void CheckRules(TBlock block, List<SettingFault> faults)
    {
    }

    public abstract IEnumerable<KeyValuePair<string, string>> List(TBlock block, string prefix);

    public abstract bool AreEqual(TBlock left, TBlock right);

    /// <summary>Gives a copy its own instance of mutable values.</summary>
    public virtual void Detach(TBlock copy)
    {
    }
}

/// <summary>A setting whose values have one kind.</summary>
internal sealed class ValueSetting<TBlock, TValue>(
    string name, ValueKind<TValue> kind, Func<TBlock, TValue> get, Action<TBlock, TValue> set)
    : Setting<TBlock>(name)
{
    public override void Read(SettingsEntry entry, TBlock block, ICollection<SettingFault> faults)
    {
        var problem = entry.Children.Length > 0 ? $"a single value is expected here, allowed is {kind.Range}" : Set(block, entry.Value);
        if (problem is not null)
        {
            faults.Add(SettingFault.At(entry, problem));
        }
    }

    public override void Check(TBlock block, string path, ICollection<SettingFault> faults)
    {
        if (kind.Check(get(block)) is { } problem)
        {
            faults.Add(SettingFault.InCode($"{path}:{Name}", Print(block), problem));
        }
    }

    public override IEnumerable<KeyValuePair<string, string>> List(TBlock block, string prefix) => [new(prefix + Name, Print(block))];

    public override bool AreEqual(TBlock left, TBlock right) => kind.AreEqual(get(left), get(right));

    private string Print(TBlock block) => kind.Print(get(block));

    private string? Set(TBlock block, string? text)
    {
        TValue value = default!;
        var problem =
            text is not null ? kind.Parse(text, out value)
            : kind.AllowsNone ? null
            : $"has no value, allowed is {kind.Range}";
        if (problem is null)
        {
            set(block, value);
        }

        return problem;
    }
}

/// <summary>A block inside another block, such as <c>Retry</c> inside a pipeline. Code may have set it to null, which only <see cref="Check"/> finds.</summary>
internal sealed class BlockSetting<TBlock, TChild>(
    string name, SettingsBlock<TChild> child, Func<TBlock, TChild?> get, Action<TBlock, TChild> set)
    : Setting<TBlock>(name)
    where TChild : class, new()
{
    public override void Read(SettingsEntry entry, TBlock block, ICollection<SettingFault> faults) =>
        set(block, child.ReadInside(entry, get(block), faults)!);

    public override void Check(TBlock block, string path, ICollection<SettingFault> faults)
    {
        if (get(block) is { } present)
        {
            child.Check(present, $"{path}:{Name}", faults);
        }
        else
        {
            faults.Add(SettingFault.InCode($"{path}:{Name}", "null", "a block of settings is expected here"));
        }
    }

    public override void CheckRules(TBlock block, List<SettingFault> faults)
    {
        if (get(block) is { } present)
        {
            var known = faults.Count;
            child.CheckRules(present, faults);
            for (; known < faults.Count; known++)
            {
                faults[known] = faults[known].Inside(Name);
            }
        }
    }

    public override IEnumerable<KeyValuePair<string, string>> List(TBlock block, string prefix) => child.List(get(block)!, $"{prefix}{Name}:");

    public override bool AreEqual(TBlock left, TBlock right) => child.AreEqual(get(left)!, get(right)!);

    public override void Detach(TBlock copy) => set(copy, get(copy) is { } present ? child.Copy(present) : null!);
}
