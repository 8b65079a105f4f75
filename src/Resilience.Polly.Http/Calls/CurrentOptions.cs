using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Http.Calls;

/// <summary>The settings in force, kept for this package: copying them for each call would cost more than the call.</summary>
internal sealed class CurrentOptions : IDisposable
{
    private readonly ConcurrentDictionary<string, PipelineOptions> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly IOptionsMonitor<PipelineOptions> _source;
    private readonly IDisposable? _watch;

    public CurrentOptions(IOptionsMonitor<PipelineOptions> source)
    {
        _source = source;

        // Watched before the first read. A change replaces what was read before it, and what is read after it is new.
        _watch = source.OnChange((options, name) => _known[name!] = options);
    }

    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    public PipelineOptions Of(string pipelineName) =>
        _known.TryGetValue(pipelineName, out var options) ? options : _known.GetOrAdd(pipelineName, _source.Get(pipelineName));

    public void Dispose() => _watch?.Dispose();
}
