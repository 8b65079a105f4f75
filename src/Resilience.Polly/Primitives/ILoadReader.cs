namespace Resilience.Polly;

/// <summary>Reads how busy the process is. To measure something else, register your own before <c>AddLoadShedding</c>.</summary>
public interface ILoadReader
{
    /// <summary>Reads the load. One thread calls it once a second, outside of calls.</summary>
    /// <returns>The load, or <see langword="null"/> if it is not known yet; then nothing is shed.</returns>
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
