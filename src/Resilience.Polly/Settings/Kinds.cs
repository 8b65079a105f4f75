using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Resilience.Polly.Settings;

/// <summary>What a setting may hold: how its text is read, which values it allows and how a value is printed.</summary>
internal abstract class ValueKind<TValue>
{
    /// <summary>The allowed values in words. This is the only place that states a range. Built on first use, since a start without faults needs none.</summary>
    public abstract string Range { get; }

    /// <summary>Whether <c>null</c> is a value too. It removes an inherited value.</summary>
    public virtual bool AllowsNone => false;

    /// <summary>Reads <paramref name="text"/>; returns what is wrong with it, or <see langword="null"/>.</summary>
    public abstract string? Parse(string text, out TValue value);

    public abstract bool Contains(TValue value);

    public abstract string Print(TValue value);

    public virtual bool AreEqual(TValue left, TValue right) => EqualityComparer<TValue>.Default.Equals(left, right);

    /// <summary>What is wrong with <paramref name="value"/>, or <see langword="null"/>.</summary>
    public string? Check(TValue value) => Contains(value) ? null : OutOfRange;

    /// <summary>The exception if an argument, with its names in code and for people, is out of range; otherwise <see langword="null"/>.</summary>
    public ArgumentOutOfRangeException? Refuse(TValue value, string name, string what) =>
        Check(value) is { } problem ? new(name, value, $"The {what} is {problem}.") : null;

    /// <exception cref="ArgumentOutOfRangeException">The argument is out of range; the message states the range.</exception>
    public void ThrowIfOutOfRange(TValue value, string name, string what)
    {
        if (Refuse(value, name, what) is { } refused)
        {
            throw refused;
        }
    }

    protected string OutOfRange => $"out of range, allowed is {Range}";
}

/// <summary>The kinds that several blocks use.</summary>
internal static class Kinds
{
    public static readonly SwitchKind Switch = new();

    /// <summary>A share of 0 to 1.</summary>
    public static readonly NumberKind<double> Share = new(0, 1);

    /// <summary>A time limit.</summary>
    public static readonly DurationKind Limit = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));

    /// <summary>A time to wait; zero means never wait.</summary>
    public static readonly DurationKind Wait = new(TimeSpan.Zero, Limit.Max);

    /// <summary>A number of attempts, the first included.</summary>
    public static readonly NumberKind<int> Attempts = new(1, 100);

    public static readonly TextKind PipelineName = new("the name of a pipeline", text => text is null || !string.IsNullOrWhiteSpace(text), none: "none");

    // A token of RFC 9110.
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static readonly TextKind HeaderName = new("the name of a header", text => !string.IsNullOrEmpty(text) && !text.AsSpan().ContainsAnyExcept(Token));

    public static readonly TextKind HttpMethods = new("HTTP methods, separated by commas", text => text is null || AreTokens(text), none: "not set");

    private static bool AreTokens(string list)
    {
        foreach (var range in list.AsSpan().Split(','))
        {
            var method = list.AsSpan(range).Trim(' ');
            if (method.IsEmpty || method.ContainsAnyExcept(Token))
            {
                return false;
            }
        }

        return true;
    }
}

internal sealed class SwitchKind : ValueKind<bool>
{
    public override string Range => "true or false";

    public override string? Parse(string text, out bool value) => bool.TryParse(text, out value) ? null : $"not a switch, allowed is {Range}";

    public override bool Contains(bool value) => true;

    public override string Print(bool value) => value ? "true" : "false";
}

/// <summary>One of the names of an enum. Numbers are refused, since they mean nothing to a reader.</summary>
internal sealed class ChoiceKind<TEnum> : ValueKind<TEnum>
    where TEnum : struct, Enum
{
    public override string Range => string.Join(", ", Enum.GetNames<TEnum>());

    public override string? Parse(string text, out TEnum value)
    {
        value = default;
        return Enum.GetNames<TEnum>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out value)
            ? null
            : $"not one of {Range}";
    }

    public override bool Contains(TEnum value) => Enum.IsDefined(value);

    public override string Print(TEnum value) => value.ToString();
}

/// <summary>A whole or fractional number between two limits.</summary>
internal sealed class NumberKind<TNumber>(TNumber min, TNumber max) : ValueKind<TNumber>
    where TNumber : struct, INumber<TNumber>
{
    private static bool IsWhole => typeof(TNumber) == typeof(int);

    public override string Range => $"{Print(min)} to {Print(max)}";

    // As JSON writes a number, so 3 and 3.0 are the same. A comma is refused: .NET takes it as a separator of thousands and reads "0,2" as 2.
    public override string? Parse(string text, out TNumber value)
    {
        value = default;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsNaN(number) || (IsWhole && number != Math.Floor(number)))
        {
            return $"not a {(IsWhole ? "whole number" : "number")}, allowed is {Range}";
        }

        if (number < double.CreateChecked(min) || number > double.CreateChecked(max))
        {
            return OutOfRange;
        }

        value = TNumber.CreateChecked(number);
        return null;
    }

    public override bool Contains(TNumber value) => value >= min && value <= max;

    public override string Print(TNumber value) => value.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>A duration between two limits; with <paramref name="canBeInfinite"/> also infinite, but only from code.</summary>
internal sealed partial class DurationKind(TimeSpan min, TimeSpan max, bool canBeInfinite = false) : ValueKind<TimeSpan>
{
    public override string Range => $"{min:c} to {max:c}";

    public TimeSpan Min => min;

    public TimeSpan Max => max;

    public DurationKind OrInfinite() => new(min, max, canBeInfinite: true);

    public override string? Parse(string text, out TimeSpan value)
    {
        // .NET reads a bare "30" as thirty days, which no one means.
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            value = default;
            return $"a bare number is not a duration (.NET reads it as days); for {text} seconds write \"{Seconds(number)}\", allowed is {Range}";
        }

        // .NET reads other forms too, but differently from people: "05:00" as five hours, "24:00:00" as 24 days.
        value = default;
        return Form().IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value)
            ? Within(value) && text[0] != '-' ? null : OutOfRange // no range begins below zero, and "-00:00:00" is a slip
            : $"not a duration; write hours:minutes:seconds such as \"00:00:30\", allowed is {Range}";
    }

    public override bool Contains(TimeSpan value) => Within(value) || (canBeInfinite && value == Timeout.InfiniteTimeSpan);

    public override string Print(TimeSpan value) => value == Timeout.InfiniteTimeSpan ? "infinite" : value.ToString("c");

    private bool Within(TimeSpan value) => value >= min && value <= max;

    private static string Seconds(double number) =>
        Math.Abs(number) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(number).ToString("c") : "00:00:30";

    // [days.]hours:minutes:seconds[.fraction]
    [GeneratedRegex(@"^-?([0-9]+\.)?[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]{1,7})?\z")]
    private static partial Regex Form();
}

/// <summary>A text that <paramref name="isAllowed"/> accepts; <paramref name="none"/> is printed for null, if null is allowed.</summary>
internal sealed class TextKind(string range, Func<string?, bool> isAllowed, string? none = null) : ValueKind<string?>
{
    public override string Range => range;

    public override bool AllowsNone => none is not null;

    public override string? Parse(string text, out string? value) => Check(value = text);

    public override bool Contains(string? value) => isAllowed(value);

    public override string Print(string? value) => value ?? none ?? "null";
}

/// <summary>An absolute http or https address, or none.</summary>
internal sealed class AddressKind : ValueKind<Uri?>
{
    public override string Range => "an absolute http or https address without credentials";

    public override bool AllowsNone => true;

    public override string? Parse(string text, out Uri? value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && Contains(value) ? null : $"allowed is {Range}";

    public override bool Contains(Uri? value) =>
        value is null || (value.IsAbsoluteUri && value.Scheme is "http" or "https" && value.UserInfo.Length == 0);

    // The address is used as it is written.
    public override bool AreEqual(Uri? left, Uri? right) => left?.OriginalString == right?.OriginalString;

    public override string Print(Uri? value) => value is null ? "none" : SettingFault.WithoutCredentials(value.OriginalString);
}

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
