using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Stores;

/// <summary>Values as scripts take and give them: texts, whole numbers, times in milliseconds.</summary>
internal static class RedisFields
{
    /// <summary>A time in whole milliseconds, rounded up: a time that is not zero stays so.</summary>
    public static RedisValue Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);

    public static TimeSpan Time(string milliseconds) => TimeSpan.FromMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));

    public static string[] Texts(RedisResult answer) => [.. ((RedisResult[])answer!).Select(value => (string)value!)];

    /// <summary>Reads values that each have their length before them.</summary>
    /// <exception cref="FormatException">The bytes are something else.</exception>
    public static List<string> Unpack(ReadOnlySpan<byte> packed)
    {
        var values = new List<string>();
        while (!packed.IsEmpty)
        {
            var colon = packed.IndexOf((byte)':');
            if (colon < 1 || !int.TryParse(packed[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > packed.Length - colon - 1)
            {
                throw new FormatException("A length before a value is wrong.");
            }

            values.Add(Encoding.UTF8.GetString(packed.Slice(colon + 1, length)));
            packed = packed[(colon + 1 + length)..];
        }

        return values;
    }
}
