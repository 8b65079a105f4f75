using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Benchmarks;

/// <summary>A healthy call while a meter listens to everything: ours also has a listener, Polly its telemetry.</summary>
[MemoryDiagnoser]
#pragma warning disable CA1001 // BenchmarkDotNet calls CleanUp instead
public class Watched
#pragma warning restore CA1001
{
    private readonly ResiliencePipeline _polly = new ResiliencePipelineBuilder { Name = NamedPipelines.Name }
        .ConfigureTelemetry(NullLoggerFactory.Instance)
        .AddFour()
        .Build();

    private ServiceProvider _services = null!;
    private ResiliencePipeline _named = null!;
    private MeterListener _meter = null!;
    private bool _isPollyHeard;
    private bool _isOursHeard;

    [GlobalSetup]
    public void SetUp()
    {
        _services = new ServiceCollection().AddResilience().AddPipeline(NamedPipelines.Name).AddListener(new Ear()).Services.BuildServiceProvider();
        _named = _services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(NamedPipelines.Name);
        _meter = new MeterListener { InstrumentPublished = Listen };
        _meter.SetMeasurementEventCallback<double>((instrument, _, _, _) => Hear(instrument));
        _meter.SetMeasurementEventCallback<long>((instrument, _, _, _) => Hear(instrument));
        _meter.SetMeasurementEventCallback<int>((instrument, _, _, _) => Hear(instrument));
        _meter.Start();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _meter.Dispose();
        _services.Dispose();
        if (!_isPollyHeard && !_isOursHeard)
        {
            throw new InvalidOperationException("The meter heard nothing.");
        }
    }

    [Benchmark(Baseline = true)]
    public ValueTask<int> Polly_watched() => _polly.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);

    [Benchmark]
    public ValueTask<int> Named_watched() => _named.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name is "Polly" or "Resilience.Polly")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private void Hear(Instrument instrument)
    {
        _isPollyHeard |= instrument.Meter.Name == "Polly";
        _isOursHeard |= instrument.Meter.Name != "Polly";
    }

    private sealed class Ear : IResilienceListener
    {
        public void OnEvent(PipelineEvent e)
        {
        }
    }
}
