namespace Resilience.Polly;

/// <summary>On or off.</summary>
internal sealed class SwitchKind : ValueKind<bool>
{
    public override string Range => "true or false";

    public override string? Parse(string text, out bool value) =>
        bool.TryParse(text, out value) ? null : $"not a switch, allowed is {Range}";

    public override bool Contains(bool value) => true;

    public override string Print(bool value) => value ? "true" : "false";
}
