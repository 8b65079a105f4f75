namespace Resilience.Polly;

/// <summary>Reads how busy the process is. Register one's own before <c>AddLoadShedding</c> to measure something else.</summary>
public interface ILoadReader
{
    /// <summary>Reads the load. Asked once a second by one thread, off the calls.</summary>
    /// <returns>The load, or <see langword="null"/> where it is not known (yet); nothing is shed then.</returns>
    SystemLoad? Read();
}

/// <summary>How busy the process is, as a share of what it may use.</summary>
/// <param name="cpu">Processor time, 0 to 1.</param>
/// <param name="memory">Memory, 0 to 1.</param>
public sealed class SystemLoad(double cpu, double memory)
{
    /// <summary>Processor time, 0 to 1.</summary>
    public double Cpu => cpu;

    /// <summary>Memory, 0 to 1.</summary>
    public double Memory => memory;
}
