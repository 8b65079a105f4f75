namespace Resilience.Polly;

/// <summary>A value of <paramref name="kind"/>, or none.</summary>
internal sealed class OptionalKind<TValue>(ValueKind<TValue> kind) : ValueKind<TValue?>
    where TValue : struct
{
    public override string Range => kind.Range;

    public override bool AllowsNone => true;

    public override string? Parse(string text, out TValue? value)
    {
        var problem = kind.Parse(text, out var parsed);
        value = parsed;
        return problem;
    }

    public override bool Contains(TValue? value) => value is not { } present || kind.Contains(present);

    public override string Print(TValue? value) => value is { } present ? kind.Print(present) : "not set";
}
