namespace Storefront;

/// <summary>The faults of one service, switched while it runs.</summary>
internal sealed class FaultSwitch
{
    private Fault[] _faults = [];

    /// <summary>Replaces the faults; without any the service is healthy.</summary>
    public void Set(params Fault[] faults) => Volatile.Write(ref _faults, faults);

    /// <summary>The fault of the next request, drawn by the shares, or <see langword="null"/> for none.</summary>
    public Fault? Draw()
    {
        var roll = Random.Shared.NextDouble();
        foreach (var fault in Volatile.Read(ref _faults))
        {
            roll -= fault.Share;
            if (roll < 0)
            {
                return fault;
            }
        }

        return null;
    }
}
