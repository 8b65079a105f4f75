using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Pipelines;

/// <summary>Reads the load for the pipelines that shed calls.</summary>
internal sealed class LoadWatch(LivePipelines pipelines, ApplicationServices application)
{
    private bool _readerFails;
    private SystemLoad? _last;

    /// <summary>Reads the load, if there is a reader, and passes it to all pipelines in use. It does so even while none sheds calls, since a new one needs the last reading for its first call.</summary>
    public void Look()
    {
        if (application.LoadReader is { } reader)
        {
            Volatile.Write(ref _last, Read(reader));
            foreach (var pipeline in pipelines.InUse)
            {
                Tell(pipeline);
            }
        }
    }

    /// <summary>Passes the last reading to pipelines: to all when it is new, and to one that is new or has new settings.</summary>
    public void Tell(LivePipeline pipeline)
    {
        if (!pipeline.Shedder.Look(Volatile.Read(ref _last), pipeline.Settings.Options.LoadShedding))
        {
            return;
        }

        if (pipeline.Shedder.Overload is { } overload)
        {
            Log.SheddingBegins(application.Logger, pipeline.Name, overload);
        }
        else
        {
            Log.SheddingEnds(application.Logger, pipeline.Name);
        }
    }

    private SystemLoad? Read(ILoadReader reader)
    {
        try
        {
            var load = reader.Read();
            _readerFails = false;
            return load;
        }
        catch (Exception exception) // after a failed reading the load is unknown, and nothing is shed
        {
            if (!_readerFails)
            {
                _readerFails = true;
                Log.LoadReaderFailed(application.Logger, exception); // logged once, until the reader works again
            }

            return null;
        }
    }
}
