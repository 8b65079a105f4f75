using Resilience.Polly.Primitives;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Redis.Options;

/// <summary>What is wrong with the options.</summary>
internal static class RedisOptionFaults
{
    public static IEnumerable<string?> Of(RedisOptions options) =>
    [
        OptionFaults.Text(
            nameof(options.KeyPrefix), options.KeyPrefix, SharedStateFaults.IsName(options.KeyPrefix, IsPartOfKey),
            "1 to 100 printable characters of ASCII are expected, without spaces, braces, *, ?, [, ] and backslashes"),
        OptionFaults.Range(nameof(options.CommandTimeout), options.CommandTimeout, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(10)),
        .. SharedStateFaults.Of(options),
    ];

    // A brace would move the part that decides on which server of a cluster a key is, and the others are special in the patterns of Redis.
    private static bool IsPartOfKey(char character) => character is > ' ' and < (char)127 && !"{}*?[]\\".Contains(character, StringComparison.Ordinal);
}
