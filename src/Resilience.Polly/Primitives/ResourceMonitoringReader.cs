using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Resilience.Polly.Primitives;

/// <summary>
/// Reads the instruments of Microsoft.Extensions.Diagnostics.ResourceMonitoring, which knows the limits of a container. Its interface for
/// readings is obsolete in favour of these instruments.
/// </summary>
internal sealed class ResourceMonitoringReader : ILoadReader, IDisposable
{
    private const string Meter = "Microsoft.Extensions.Diagnostics.ResourceMonitoring";

    // The first that exists: those of a container give the share of its limit, the others that of the machine.
    private static readonly string[] Cpu = ["container.cpu.limit.utilization", "process.cpu.utilization"];
    private static readonly string[] Memory = ["container.memory.limit.utilization", "dotnet.process.memory.virtual.utilization"];

    private readonly ConcurrentDictionary<string, double> _values = new();
    private readonly MeterListener _listener;

    public ResourceMonitoringReader(IMeterFactory meters)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Meter && ReferenceEquals(instrument.Meter.Scope, meters) && Cpu.Concat(Memory).Contains(instrument.Name))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _values[instrument.Name] = value);
        _listener.Start();
    }

    public SystemLoad? Read()
    {
        _listener.RecordObservableInstruments();
        return Find(Cpu) is { } cpu && Find(Memory) is { } memory ? new(cpu, memory) : null;
    }

    public void Dispose() => _listener.Dispose();

    private double? Find(string[] names) => Array.Find(names, _values.ContainsKey) is { } known ? _values[known] : null;
}
