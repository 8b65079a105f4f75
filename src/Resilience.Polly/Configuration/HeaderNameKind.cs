using System.Buffers;

namespace Resilience.Polly;

/// <summary>The name of an HTTP header: a token of RFC 9110.</summary>
internal sealed class HeaderNameKind : ValueKind<string>
{
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public override string Range => "the name of a header";

    public override string? Parse(string text, out string value)
    {
        value = text;
        return Check(text);
    }

    public override bool Contains(string value) => !string.IsNullOrEmpty(value) && !value.AsSpan().ContainsAnyExcept(Token);

    public override string Print(string value) => value ?? "null";
}
