namespace Resilience.Polly;

/// <summary>One of the names of an enum; numbers are refused, since they say nothing to a reader.</summary>
internal sealed class ChoiceKind<TEnum> : ValueKind<TEnum>
    where TEnum : struct, Enum
{
    private static readonly string[] Names = Enum.GetNames<TEnum>();

    public override string Range { get; } = string.Join(", ", Names);

    public override string? Parse(string text, out TEnum value)
    {
        value = default;
        return Names.Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out value)
            ? null
            : $"not one of {Range}";
    }

    public override bool Contains(TEnum value) => Enum.IsDefined(value);

    public override string Print(TEnum value) => value.ToString();
}
