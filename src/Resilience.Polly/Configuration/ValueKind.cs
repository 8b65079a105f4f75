namespace Resilience.Polly;

/// <summary>What a setting may hold: how its text is read, which values it allows and how a value is printed.</summary>
internal abstract class ValueKind<TValue>
{
    /// <summary>The allowed values in words, the one place where a range is stated.</summary>
    public abstract string Range { get; }

    /// <summary>Whether <c>null</c> is a value too, and takes an inherited one away.</summary>
    public virtual bool AllowsNone => false;

    /// <summary>Reads <paramref name="text"/>; returns what is wrong with it, or <see langword="null"/>.</summary>
    public abstract string? Parse(string text, out TValue value);

    public abstract bool Contains(TValue value);

    public abstract string Print(TValue value);

    /// <summary>What is wrong with <paramref name="value"/>, or <see langword="null"/>.</summary>
    public string? Check(TValue value) => Contains(value) ? null : OutOfRange;

    protected string OutOfRange => $"out of range, allowed is {Range}";
}
