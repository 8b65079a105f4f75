using System.ComponentModel;

namespace Resilience.Polly;

/// <summary>The valid keys of a partition.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PartitionKey
{
    private const int Longest = 256;

    /// <summary>Throws if a key is empty or too long.</summary>
    /// <param name="key">The key; <see langword="null"/> means none and is allowed.</param>
    /// <param name="parameterName">Its name in the exception.</param>
    /// <exception cref="ArgumentException">The key does not have 1 to 256 characters.</exception>
    public static void ThrowIfInvalid(string? key, string parameterName)
    {
        if (Refuse(key, parameterName) is { } refused)
        {
            throw refused;
        }
    }

    internal static ArgumentException? Refuse(string? key, string parameterName) => key is null or { Length: > 0 and <= Longest }
        ? null
        : new($"The partition key of the call has {key.Length} characters; allowed are 1 to {Longest}.", parameterName);
}
