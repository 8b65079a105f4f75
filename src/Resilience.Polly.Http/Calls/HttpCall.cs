using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polly;
using Polly.Timeout;
using Resilience.Polly.Http.Contents;
using Resilience.Polly.Http.Phases;
using Resilience.Polly.Http.Requests;

namespace Resilience.Polly.Http.Calls;

/// <summary>One logical call over HTTP: what is the same on all its attempts, and how each of them is made.</summary>
internal sealed class HttpCall
{
    // HttpClient's own timeout, for an attempt as a whole where the pipeline has none: an answer that drips must not hold a slot for ever.
    private static readonly TimeSpan WholeAttempt = TimeSpan.FromSeconds(100);

    // HttpClient measures its timeout by the time of the system, whatever clock the pipeline has.
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly ResilienceHandler _handler;
    private readonly HttpRequestMessage _request;
    private readonly PipelineOptions _settings;
    private readonly CancellationToken _callerToken;
    private readonly CallSetup _setup;
    private readonly string _id;
    private readonly string? _keyHeader;
    private readonly BodyRecord? _body;
    private readonly int _keeps;
    private readonly bool _expectsStream;
    private readonly CallRepetition _repetition;
    private int _attempts;

    /// <exception cref="ArgumentException">The id that the request brings is not a valid one, or its options are out of range.</exception>
    /// <exception cref="InvalidOperationException">Its body was sent before.</exception>
    public HttpCall(ResilienceHandler handler, HttpRequestMessage request, PipelineOptions settings, CancellationToken callerToken)
    {
        (_handler, _request, _settings, _callerToken, _setup) = (handler, request, settings, callerToken, CallSetup.Of(request));
        _setup.Options?.ThrowIfInvalid();
        if (request.Content is { } body && !BodyReplay.CanRepeat(body))
        {
            _body = BodyRecord.For(body);
            _body.ThrowIfSpent();
            _keeps = BodyReplay.CanKeep(body) ? settings.Idempotency.MaxRequestBufferSize : 0;
        }

        _id = CallIdentity.Of(request, _setup, settings.Idempotency, handler.Time, out _keyHeader, out var isGiven);
        _expectsStream = !_setup.ReadsWhole && (_setup.Options?.StreamResponse == true || handler.StreamsResponses || MediaType.IsAskedFor(request));
        _repetition = Repetition.Of(
            _setup.Options?.Repetition ?? handler.Repetition,
            request.Method,
            settings.Retry.Methods,
            bodyRepeats: _body is null || _keeps > 0 || _body.IsWhole,
            isGiven || settings.Idempotency.ServerDeduplicates);
    }

    /// <summary>The limit of an attempt as a whole, where the request or the pipeline has one.</summary>
    private TimeSpan? OwnLimit => _setup.Options?.AttemptTimeout ?? _settings.Timeout.Attempt;

    /// <summary>Tells the pipeline what it has to know about the call.</summary>
    public void Describe(ResilienceContext context)
    {
        context.Properties.Set(CallProperties.RequestId, _id);
        if (_repetition != CallRepetition.Safe)
        {
            context.Properties.Set(CallProperties.Repetition, _repetition);
        }

        if (_setup.Options is { Priority: not CallPriority.Normal and var priority })
        {
            context.Properties.Set(CallProperties.Priority, priority);
        }

        if (_setup.Options?.MaxAttempts is { } attempts)
        {
            context.Properties.Set(CallProperties.MaxAttempts, attempts);
        }

        if ((_setup.Options?.Partition ?? (_settings.PartitionBy == PartitionBy.Authority ? AuthorityKeys.Of(_request.RequestUri) : null)) is { } partition)
        {
            context.Properties.Set(CallProperties.Partition, partition);
        }

        if (_setup.FailsOnStatus)
        {
            context.Properties.Set(CallProperties.FailsOnStatus, true);
        }

        // Without a limit of its own the attempt has that of this class, which costs less than a strategy.
        if ((_setup.Options?.AttemptTimeout ?? (OwnLimit is null ? Timeout.InfiniteTimeSpan : null)) is { } limit)
        {
            context.Properties.Set(CallProperties.AttemptTimeout, limit);
        }
    }

    /// <summary>Makes one attempt, with the body of the answer read unless it is to be streamed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome<HttpResponseMessage>> AttemptAsync(ResilienceContext context)
    {
        // Strategies of the application may make several attempts at once: what belongs to one is not kept in fields.
        var attempt = Interlocked.Increment(ref _attempts);
        AttemptMessage? message = null;
        HttpResponseMessage? response = null;
        AttemptLimit? limit = null;
        var isRead = false;
        try
        {
            message = CreateMessage(attempt);

            // A stream may be long in beginning: what goes up with it may never end. The phases watch over it.
            limit = _expectsStream ? null : BeginLimit(attempt, context);
            response = await _handler.SendAttemptAsync(message, limit?.Token ?? context.CancellationToken).ConfigureAwait(false);
            if (!IsFailure(response) && (IsStreamed(message, response) || !Buffering.IsPossible(message.Method, response)))
            {
                if (_settings.MapExceptions && response.Content is TimedResponseContent body)
                {
                    body.Map = failure => ApiFailures.Map(failure, _handler.PipelineName, _id, attempt);
                }

                return Outcome.FromResult(response);
            }

            // No stream although one was asked for, such as an error: the attempt has no limit then, and reading it gets one.
            limit ??= BeginLimit(attempt, context);
            var outcome = await ReadAsync(response, limit?.Token ?? context.CancellationToken).ConfigureAwait(false);
            isRead = true;
            return outcome;
        }
#pragma warning disable CA1031 // the pipeline decides what becomes of it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            response?.Dispose();
            isRead = true;
            if (limit is { HasPassed: true })
            {
                failure = new TimeoutRejectedException($"The attempt took longer than {LimitOf(attempt).TotalSeconds:0} s.", LimitOf(attempt), failure);
            }

            FailureFacts.Tell(failure, message, response, _handler.Time, context);
            if (_repetition == CallRepetition.OnlyIfNotSent && message is { MayHaveArrived: true })
            {
                // The transport knows it. A failure alone may mislead: one to connect may be that of a redirect's next hop.
                context.Properties.Set(CallProperties.Repetition, CallRepetition.Never);
            }

            return Outcome.FromException<HttpResponseMessage>(Explain(failure));
        }
        finally
        {
            limit?.End(isTokenFree: isRead);
            NoteBody(message, context);
        }
    }

    private TimeSpan LimitOf(int attempt) => _settings.Timeout.ForAttempt(WholeAttempt, attempt);

    private AttemptLimit? BeginLimit(int attempt, ResilienceContext context) =>
        OwnLimit is null ? _handler.BeginLimit(LimitOf(attempt), context.CancellationToken) : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<HttpResponseMessage>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (IsFailure(response))
        {
            var failure = await ErrorAnswer.ReadAsync(response, _handler.Time, cancellationToken).ConfigureAwait(false);
            response.Dispose();
            return Outcome.FromException<HttpResponseMessage>(failure);
        }

        // HttpClient does not look at the size of a body that comes to it in memory.
        var most = _handler.Clients.BufferSize(needed: response.Content.Headers.ContentLength ?? int.MaxValue);
        await response.Content.LoadIntoBufferAsync(most, cancellationToken).ConfigureAwait(false);
        return Outcome.FromResult(response);
    }

    // HttpClient's own timeout comes as a cancellation of the token that it made of the caller's. It says itself which of the two it was, later.
    private Exception Explain(Exception failure) =>
        _callerToken.IsCancellationRequested && _handler.Clients.MayHaveTimedOut(Stopwatch.GetElapsedTime(_startedAt))
            ? new TaskCanceledException("HttpClient.Timeout ended the call.", new TimeoutException("HttpClient.Timeout ended the call.", failure), _callerToken)
            : failure;

    /// <summary>A body that was begun and not kept is not sent again.</summary>
    private void NoteBody(AttemptMessage? message, ResilienceContext context)
    {
        if (_body is null || message is not { BodyStarted: true })
        {
            return;
        }

        if (_keeps == 0)
        {
            _body.Lose();
        }

        if (!_body.CanSend)
        {
            context.Properties.Set(CallProperties.Repetition, CallRepetition.Never);
        }
    }

    private AttemptMessage CreateMessage(int attempt)
    {
        var message = AttemptMessage.CopyOf(_request, Limits(attempt), _setup);
        if (_body is not null && (_keeps > 0 || _body.IsWhole))
        {
            message.Content = new RecordedContent(_request.Content!, _body, _keeps);
        }
        else if (_repetition != CallRepetition.Safe && message.Method != HttpMethod.Connect)
        {
            // .NET itself sends a request again whose connection is closed before an answer, unless it has begun to send a body.
            message.Content ??= new ByteArrayContent([]);
        }

        CallIdentity.Write(message, _id, _keyHeader, _setup, _settings.Idempotency);
        return message;
    }

    private PhaseLimits Limits(int attempt)
    {
        var (timeouts, own) = (_settings.Timeout, _setup.Options);
        return new PhaseLimits(
            timeouts.ForAttempt(own?.ConnectTimeout ?? timeouts.Connect, attempt),
            timeouts.ForAttempt(own?.ReadTimeout ?? timeouts.Read, attempt),
            timeouts.ForAttempt(own?.WriteTimeout ?? timeouts.Write, attempt),
            timeouts.ForAttempt(own?.PoolTimeout ?? timeouts.Pool, attempt));
    }

    private bool IsFailure(HttpResponseMessage response) => _setup.FailsOnStatus && !response.IsSuccessStatusCode;

    // The caller decides what is streamed; a server that could would escape the limits of the attempt.
    private bool IsStreamed(AttemptMessage message, HttpResponseMessage response) =>
        message.IsTakenOverBy(response)
        || (_expectsStream
            && (_setup.Options?.StreamResponse == true
                || _handler.StreamsResponses
                || (MediaType.StreamOf(response.Content.Headers) is { Length: > 0 } type && MediaType.IsAskedFor(_request, type))));
}
