namespace Resilience.Polly;

/// <summary>Whether the store that instances share can be reached. Who implements it logs when that changes.</summary>
public interface ISharedStateConnection
{
    /// <summary>The store, for people: its kind and address, without credentials.</summary>
    string Name { get; }

    /// <summary>Whether the store answered last.</summary>
    bool IsAvailable { get; }

    /// <summary>The store answers again. It may have lost its data.</summary>
    event Action? Restored;
}
