using System.Globalization;
using System.Numerics;

namespace Resilience.Polly;

/// <summary>A whole or fractional number between two limits.</summary>
internal sealed class NumberKind<TNumber>(TNumber min, TNumber max) : ValueKind<TNumber>
    where TNumber : struct, INumber<TNumber>
{
    public override string Range { get; } = string.Create(CultureInfo.InvariantCulture, $"{min} to {max}");

    public override string? Parse(string text, out TNumber value) =>
        TNumber.TryParse(text, CultureInfo.InvariantCulture, out value)
            ? Check(value)
            : $"not a {(typeof(TNumber) == typeof(int) ? "whole number" : "number")}, allowed is {Range}";

    public override bool Contains(TNumber value) => value >= min && value <= max;

    public override string Print(TNumber value) => value.ToString(null, CultureInfo.InvariantCulture);
}
