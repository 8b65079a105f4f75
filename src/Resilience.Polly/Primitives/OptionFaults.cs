using System.Globalization;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Primitives;

/// <summary>Checks of options that have no settings table. A fault is a text with the name, the value and what is allowed.</summary>
internal static class OptionFaults
{
    /// <returns>The fault; <see langword="null"/> if there is none.</returns>
    public static string? Range<TValue>(string name, TValue value, TValue min, TValue max)
        where TValue : IComparable<TValue> => value.CompareTo(min) < 0 || value.CompareTo(max) > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{name} = {value}: out of range, allowed is {min} to {max}") : null;

    /// <returns>The fault; <see langword="null"/> if there is none.</returns>
    public static string? Text(string name, string? value, bool isAllowed, string expected) =>
        isAllowed ? null : $"{name} = {(value is null ? "null" : $"\"{value}\"")}: {expected}";

    /// <summary>The faults of a list of checks.</summary>
    public static string[] Found(IEnumerable<string?> checks) => [.. checks.OfType<string>()];

    /// <exception cref="OptionsValidationException">There are faults; all of them are listed.</exception>
    public static void ThrowIfAny<TOptions>(string name, IEnumerable<string?> faults)
    {
        if (Found(faults) is { Length: > 0 } found)
        {
            throw new OptionsValidationException(name, typeof(TOptions), found);
        }
    }
}

/// <summary>Refuses options with faults where the application asks for them.</summary>
internal sealed class OptionFaultsValidation<TOptions>(Func<TOptions, IEnumerable<string?>> faults) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var found = OptionFaults.Found(faults(options));
        return found.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }
}
