namespace Resilience.Polly;

/// <summary>How busy the process is, as a share of what it may use.</summary>
/// <param name="Cpu">Processor time, 0 to 1.</param>
/// <param name="Memory">Memory, 0 to 1.</param>
public readonly record struct SystemLoad(double Cpu, double Memory);
