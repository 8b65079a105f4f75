using Resilience.Polly.Primitives;

namespace Resilience.Polly.SharedState;

/// <summary>What is wrong with the options of shared state, wherever the state is.</summary>
internal static class SharedStateFaults
{
    private const int MaxLength = 100;

    public static IEnumerable<string?> Of(SharedStateOptions options) =>
    [
        OptionFaults.Text(
            nameof(options.InstanceName), options.InstanceName, IsName(options.InstanceName, static character => !char.IsControl(character)),
            $"1 to {MaxLength} printable characters are expected"),
        OptionFaults.Range(nameof(options.Quorum), options.Quorum, 1, 1_000),
        OptionFaults.Range(nameof(options.SyncInterval), options.SyncInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
        OptionFaults.Range(nameof(options.SlotLease), options.SlotLease, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
    ];

    /// <summary>Whether a text has 1 to 100 characters, all of them allowed, and not only spaces.</summary>
    public static bool IsName(string? text, Func<char, bool> isAllowed) => !string.IsNullOrWhiteSpace(text) && text.Length <= MaxLength && text.All(isAllowed);
}
