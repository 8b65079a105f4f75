namespace Resilience.Polly;

/// <summary>Reads the load once a second while the host runs, for the pipelines that shed calls by it.</summary>
internal sealed class LoadWatch : IDisposable
{
    private readonly LivePipelines _pipelines;
    private readonly Surroundings _surroundings;
    private readonly Pulse _pulse;
    private bool _readerFails;

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

    public void Stop() => _pulse.Stop();

    public void Dispose() => _pulse.Dispose();

    private void Look()
    {
        // Those that shed no more are told too: they have to forget.
        LivePipeline[] concerned = [.. _pipelines.InUse.Where(pipeline => pipeline.Settings.ShedsLoad || pipeline.Shedder.Overload is not null)];
        if (concerned.Length > 0)
        {
            var load = Read();
            Array.ForEach(concerned, pipeline => Tell(pipeline, load));
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

    private void Tell(LivePipeline pipeline, SystemLoad? load)
    {
        if (!pipeline.Shedder.Look(load, pipeline.Settings.Options.LoadShedding))
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
}
