using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Resilience.Polly.AspNetCore.Idempotency.Responses;

/// <summary>
/// Stands between a handler and the response, so that the response is stored before it is sent. A response larger than the limit is sent as it comes.
/// </summary>
internal sealed class CapturedResponse : IHttpResponseFeature, IHttpResponseBodyFeature
{
    private readonly IFeatureCollection _features;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _body;
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
    private readonly CapturingWriter _writer;
    private Stream? _stream;

    public CapturedResponse(IFeatureCollection features, int maxKept)
    {
        (_features, _response, _body) = (features, features.GetRequiredFeature<IHttpResponseFeature>(), features.GetRequiredFeature<IHttpResponseBodyFeature>());
        _writer = new(StartThroughAsync, maxKept);
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>Whether the body is larger than the limit, and went to the caller.</summary>
    public bool IsThrough => _writer.IsThrough;

    public ReadOnlyMemory<byte> Kept => _writer.Kept;

    public int StatusCode
    {
        get => _response.StatusCode;
        set => _response.StatusCode = value;
    }

    public string? ReasonPhrase
    {
        get => _response.ReasonPhrase;
        set => _response.ReasonPhrase = value;
    }

    public IHeaderDictionary Headers
    {
        get => _response.Headers;
        set => _response.Headers = value;
    }

    public bool HasStarted => _response.HasStarted;

    public Stream Stream => _stream ??= _writer.AsStream(leaveOpen: true);

    public PipeWriter Writer => _writer;

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => throw new NotSupportedException("Set the body of HttpResponse.");
    }

    /// <summary>They run before the response is stored: they may set headers.</summary>
    public void OnStarting(Func<object, Task> callback, object state)
    {
        if (IsThrough)
        {
            _response.OnStarting(callback, state);
        }
        else
        {
            _starting.Push((callback, state));
        }
    }

    public void OnCompleted(Func<object, Task> callback, object state) => _response.OnCompleted(callback, state);

    // Nothing is sent before the handler has ended.
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public void DisableBuffering()
    {
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public async Task CompleteAsync() => await _writer.FlushAsync().ConfigureAwait(false);

    /// <summary>The handler has ended: the response is complete, with what was not flushed and what its callbacks set.</summary>
    public async Task EndAsync()
    {
        await _writer.FlushAsync().ConfigureAwait(false);
        if (!IsThrough)
        {
            await RunCallbacksAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives the request its own response back.</summary>
    public void Remove()
    {
        _features.Set(_response);
        _features.Set(_body);
    }

    /// <summary>Sends what was kept. The response must be the request's own again.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        if (IsThrough || Kept.IsEmpty)
        {
            return;
        }

        // So that the first caller and those of repetitions get it framed the same way.
        if (_response.Headers.ContentLength is null && _response.Headers.TransferEncoding.Count == 0)
        {
            _response.Headers.ContentLength = Kept.Length;
        }

        await _body.Writer.WriteAsync(Kept, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<PipeWriter> StartThroughAsync()
    {
        await RunCallbacksAsync().ConfigureAwait(false);
        return _body.Writer;
    }

    // The last one first, as servers do.
    private async Task RunCallbacksAsync()
    {
        while (_starting.TryPop(out var starting))
        {
            await starting.Callback(starting.State).ConfigureAwait(false);
        }
    }
}
