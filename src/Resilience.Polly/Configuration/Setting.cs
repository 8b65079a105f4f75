namespace Resilience.Polly;

/// <summary>One key of a block of settings: its name, its range, and how it is read, checked and printed.</summary>
internal abstract class Setting<TBlock>(string name)
{
    public string Name => name;

    public abstract string Range { get; }

    /// <summary>Sets the value from its configuration text; returns what is wrong with the text and then leaves the old value.</summary>
    public abstract string? Read(TBlock block, string? text);

    /// <summary>What is wrong with the current value, or <see langword="null"/>.</summary>
    public abstract string? Check(TBlock block);

    public abstract string Print(TBlock block);
}

/// <summary>A setting whose values are of one kind.</summary>
internal sealed class Setting<TBlock, TValue>(
    string name, ValueKind<TValue> kind, Func<TBlock, TValue> get, Action<TBlock, TValue> set)
    : Setting<TBlock>(name)
{
    public override string Range => kind.Range;

    public override string? Read(TBlock block, string? text)
    {
        if (text is null)
        {
            if (!kind.AllowsNone)
            {
                return $"has no value, allowed is {Range}";
            }

            set(block, default!);
            return null;
        }

        var problem = kind.Parse(text, out var value);
        if (problem is null)
        {
            set(block, value);
        }

        return problem;
    }

    public override string? Check(TBlock block) => kind.Check(get(block));

    public override string Print(TBlock block) => kind.Print(get(block));
}
