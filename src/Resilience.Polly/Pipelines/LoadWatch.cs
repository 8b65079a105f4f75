using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Pipelines;

/// <summary>Reads the load for the pipelines that shed calls by it.</summary>
internal sealed class LoadWatch(LivePipelines pipelines, ApplicationServices application)
{
    private bool _readerFails;
    private Reading _last = new(null);

    /// <summary>Reads the load, where somebody can, and tells all pipelines in use: also while none sheds calls, since the next one goes by the last reading from its first call on.</summary>
    public void Look()
    {
        if (application.LoadReader is { } reader)
        {
            Volatile.Write(ref _last, new(Read(reader)));
            foreach (var pipeline in pipelines.InUse)
            {
                Tell(pipeline);
            }
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
#pragma warning disable CA1031 // a reading that fails is one that is not known: nothing is shed
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_readerFails)
            {
                _readerFails = true;
                Log.LoadReaderFailed(application.Logger, exception); // told once, until it is well again
            }

            return null;
        }
    }

    private sealed record Reading(SystemLoad? Load);
}
