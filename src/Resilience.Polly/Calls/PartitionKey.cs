using System.ComponentModel;
using Resilience.Polly.Primitives;

namespace Resilience.Polly;

/// <summary>The valid keys of a partition.</summary>
/// <remarks>For packages that bring a transport, such as Resilience.Polly.Http. Applications do not need it.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PartitionKey
{
    /// <summary>The key of the partition for all calls whose key got none of its own.</summary>
    internal const string Overflow = "(overflow)";

    private const int Longest = 256;

    /// <summary>Throws if a key is not valid.</summary>
    /// <param name="key">The key; <see langword="null"/> means none and is allowed.</param>
    /// <param name="parameterName">Its name in the exception.</param>
    /// <exception cref="ArgumentException">The key does not have 1 to 256 characters, contains a control character or a line separator, or is <c>(overflow)</c>.</exception>
    public static void ThrowIfInvalid(string? key, string parameterName)
    {
        if (Refuse(key, parameterName) is { } refused)
        {
            throw refused;
        }
    }

    internal static ArgumentException? Refuse(string? key, string parameterName) =>
        key is null ? null
        : ChosenName.FaultOf(key, Longest) is { } fault ? new($"The partition key of the call {fault}.", parameterName)
        : key == Overflow ? new($"The partition key of the call is '{Overflow}', which is the key of the partition that further keys share.", parameterName)
        : null;
}
