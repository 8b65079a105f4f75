using System.ComponentModel;

namespace Resilience.Polly;

/// <summary>What may be the key of a partition, wherever a call brings it along.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PartitionKey
{
    private const int Longest = 256;

    /// <summary>Refuses a key that is empty or too long.</summary>
    /// <param name="key">The key; <see langword="null"/> stands for none and is fine.</param>
    /// <param name="parameterName">How the exception names it.</param>
    /// <exception cref="ArgumentException">The key has not 1 to 256 characters.</exception>
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
