namespace Resilience.Polly;

/// <summary>Reads the load once a second while the host runs, for the pipelines that shed calls by it.</summary>
internal sealed class LoadWatch(LivePipelines pipelines, Surroundings surroundings) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _looking = new();
    private ITimer? _timer;
    private bool _readerFails;

    public void Start()
    {
        if (surroundings.LoadReader is not null)
        {
            // Without the context of whoever starts the host, which would live on in the timer.
            using (ExecutionContext.SuppressFlow())
            {
                _timer = surroundings.Clock.CreateTimer(_ => Look(), null, Interval, Interval);
            }
        }
    }

    public void Stop() => _timer?.Dispose();

    public void Dispose() => Stop();

    private void Look()
    {
        // On a machine this busy the last look may not be over yet.
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            // Those that shed no more are told too: they have to forget.
            LivePipeline[] concerned = [.. pipelines.InUse.Where(pipeline => pipeline.Settings.ShedsLoad || pipeline.Shedder.Overload is not null)];
            if (concerned.Length > 0)
            {
                var load = Read();
                Array.ForEach(concerned, pipeline => Tell(pipeline, load));
            }
        }
        finally
        {
            _looking.Exit();
        }
    }

    private SystemLoad? Read()
    {
        try
        {
            var load = surroundings.LoadReader!.Read();
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
                Log.LoadReaderFailed(surroundings.Logger, exception); // told once, until it is well again
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
            Log.SheddingBegins(surroundings.Logger, pipeline.Name, overload);
        }
        else
        {
            Log.SheddingEnds(surroundings.Logger, pipeline.Name);
        }
    }
}
