using System.Globalization;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Redis.Options;

/// <summary>Finds all faults of the options at once.</summary>
internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    private const int MaxLength = 100;

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        string[] faults =
        [
            .. Text(nameof(RedisOptions.KeyPrefix), options.KeyPrefix, $"1 to {MaxLength} printable characters of ASCII are expected, without spaces, braces, *, ?, [, ] and backslashes", IsPartOfKey),
            .. Range(nameof(RedisOptions.CommandTimeout), options.CommandTimeout, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(10)),
            .. Text(nameof(RedisOptions.InstanceName), options.InstanceName, $"1 to {MaxLength} printable characters are expected", character => !char.IsControl(character)),
            .. Range(nameof(RedisOptions.Quorum), options.Quorum, 1, 1_000),
            .. Range(nameof(RedisOptions.SyncInterval), options.SyncInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            .. Range(nameof(RedisOptions.SlotLease), options.SlotLease, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        ];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // A brace would move the part that decides on which server of a cluster a key is, and the others are special in the patterns of Redis.
    private static bool IsPartOfKey(char character) => character is > ' ' and < (char)127 && !"{}*?[]\\".Contains(character, StringComparison.Ordinal);

    private static IEnumerable<string> Text(string name, string? value, string expected, Func<char, bool> isAllowed) =>
        value is { Length: > 0 and <= MaxLength } && !string.IsNullOrWhiteSpace(value) && value.All(isAllowed) ? [] : [$"{name} = {(value is null ? "null" : $"\"{value}\"")}: {expected}"];

    private static IEnumerable<string> Range<TValue>(string name, TValue value, TValue min, TValue max)
        where TValue : IComparable<TValue> => value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
        ? [] : [string.Create(CultureInfo.InvariantCulture, $"{name} = {value}: out of range, allowed is {min} to {max}")];
}
