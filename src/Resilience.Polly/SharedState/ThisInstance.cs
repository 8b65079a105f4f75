namespace Resilience.Polly.SharedState;

/// <summary>This instance among those that share state.</summary>
internal sealed class ThisInstance(SharedStateOptions options, ISharedStateConnection connection, RunningInstances running, TimeProvider clock)
{
    public string Name => options.InstanceName;

    /// <summary>Whether the store answered last.</summary>
    public bool IsConnected => connection.IsAvailable;

    /// <summary>How many instances run, as far as it is known.</summary>
    public int Instances => running.Count;

    /// <summary>How many votes open a circuit: never more than there are instances.</summary>
    public int Quorum => running.Names.Count == 0 ? options.Quorum : Math.Min(options.Quorum, running.Count);

    /// <summary>How long this instance holds slots that it does not renew.</summary>
    public TimeSpan SlotLease => options.SlotLease;

    public TimeProvider Clock => clock;
}
