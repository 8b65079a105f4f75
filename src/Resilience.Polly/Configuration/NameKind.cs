namespace Resilience.Polly;

/// <summary>The name of a pipeline, or none.</summary>
internal sealed class NameKind : ValueKind<string?>
{
    public override string Range => "the name of a pipeline";

    public override bool AllowsNone => true;

    public override string? Parse(string text, out string? value)
    {
        value = text;
        return Check(text);
    }

    public override bool Contains(string? value) => value is null || !string.IsNullOrWhiteSpace(value);

    public override string Print(string? value) => value ?? "none";
}
