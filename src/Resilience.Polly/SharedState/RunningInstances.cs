namespace Resilience.Polly.SharedState;

/// <summary>The running instances of the application, as far as this one knows. It keeps the last known ones while the store is down.</summary>
internal sealed class RunningInstances
{
    private volatile IReadOnlyList<string> _names = [];

    /// <summary>Their names, in order; empty before the store first answered.</summary>
    public IReadOnlyList<string> Names { get => _names; set => _names = value; }

    /// <summary>How many they are, at least this one.</summary>
    public int Count => Math.Max(1, _names.Count);
}
