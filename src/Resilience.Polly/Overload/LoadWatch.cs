namespace Resilience.Polly;

/// <summary>Reads the load once a second while the host runs, for the pipelines that shed calls by it.</summary>
internal sealed class LoadWatch : IDisposable
{
    private readonly LivePipelines _pipelines;
    private readonly Surroundings _surroundings;
    private readonly Pulse _pulse;
    private bool _readerFails;
    private Reading _last = new(null);

    public LoadWatch(LivePipelines pipelines, Surroundings surroundings)
    {
        (_pipelines, _surroundings) = (pipelines, surroundings);
        _pulse = new Pulse(surroundings.Clock, Look);
    }

    public void Start()
    {
        if (_surroundings.LoadReader is not null)
        {
            _pulse.Start();
        }
    }

    /// <summary>Tells a pipeline the last reading: each of them when there is a new one, and one that is new or has new settings.</summary>
    public void Tell(LivePipeline pipeline)
    {
        if (!pipeline.Shedder.Look(Volatile.Read(ref _last).Load, pipeline.Settings.Options.LoadShedding))
        {
            return;
        }

        if (pipeline.Shedder.Overload is { } overload)
        {
            Log.SheddingBegins(_surroundings.Logger, pipeline.Name, overload);
        }
        else
        {
            Log.SheddingEnds(_surroundings.Logger, pipeline.Name);
        }
    }

    public void Stop() => _pulse.Stop();

    public void Dispose() => _pulse.Dispose();

    // Also while no pipeline sheds calls: the next one goes by the last reading from its first call on.
    private void Look()
    {
        Volatile.Write(ref _last, new(Read()));
        foreach (var pipeline in _pipelines.InUse)
        {
            Tell(pipeline);
        }
    }

    private SystemLoad? Read()
    {
        try
        {
            var load = _surroundings.LoadReader!.Read();
            _readerFails = false;
            return load;
        }
#pragma warning disable CA1031 // a reading that fails is one that is not known: nothing is shed
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_readerFails)
            {
                _readerFails = true;
                Log.LoadReaderFailed(_surroundings.Logger, exception); // told once, until it is well again
            }

            return null;
        }
    }

    private sealed record Reading(SystemLoad? Load);
}
