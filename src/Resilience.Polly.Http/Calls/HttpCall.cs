using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polly;
using Polly.Timeout;
using Resilience.Polly.Http.Contents;
using Resilience.Polly.Http.Phases;
using Resilience.Polly.Http.Requests;

namespace Resilience.Polly.Http.Calls;

/// <summary>One logical call over HTTP: the data that all its attempts share, and how each of them is made.</summary>
internal sealed class HttpCall
{
    // HttpClient's own timeout, for a whole attempt if the pipeline has no limit: an answer that drips must not hold a slot for ever.
    private static readonly TimeSpan WholeAttempt = TimeSpan.FromSeconds(100);

    // HttpClient measures its timeout by the system's clock, whatever clock the pipeline has.
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

    /// <exception cref="ArgumentException">The id of the request is not valid, or its options are out of range.</exception>
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

    /// <summary>The limit of a whole attempt, if the request or the pipeline has one.</summary>
    private TimeSpan? OwnLimit => _setup.Options?.AttemptTimeout ?? _settings.Timeout.Attempt;

    /// <summary>Sets the properties of the call for the pipeline.</summary>
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

        // Without a limit of its own the attempt gets that of this class, which costs less than a strategy.
        if ((_setup.Options?.AttemptTimeout ?? (OwnLimit is null ? Timeout.InfiniteTimeSpan : null)) is { } limit)
        {
            context.Properties.Set(CallProperties.AttemptTimeout, limit);
        }
    }

    /// <summary>Makes one attempt. It reads the body of the answer unless it is streamed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome<HttpResponseMessage>> AttemptAsync(ResilienceContext context)
    {
        // Strategies of the application may make several attempts at once, so the data of one attempt is not in fields.
        var attempt = Interlocked.Increment(ref _attempts);
        AttemptMessage? message = null;
        HttpResponseMessage? response = null;
        AttemptLimit? limit = null;
        var isRead = false;
        try
        {
            message = CreateMessage(attempt);

            // A stream may begin late, since the request body may never end. The phases limit it.
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

            // The caller asked for a stream and got none, such as an error. The attempt has no limit then, so reading the answer gets one.
            limit ??= BeginLimit(attempt, context);
            var outcome = await ReadAsync(response, limit?.Token ?? context.CancellationToken).ConfigureAwait(false);
            isRead = true;
            return outcome;
        }
        catch (Exception failure) // the pipeline decides what it becomes
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
                // The transport knows it. The exception alone may mislead: a failure to connect may be that of a redirect's next hop.
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

        // HttpClient does not check the size of a body that is already in memory.
        var most = _handler.Clients.BufferSize(needed: response.Content.Headers.ContentLength ?? int.MaxValue);
        await response.Content.LoadIntoBufferAsync(most, cancellationToken).ConfigureAwait(false);
        return Outcome.FromResult(response);
    }

    // HttpClient's own timeout cancels a token that it linked to the caller's. Only later it says which of the two was cancelled.
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
            // If a connection closes before an answer, .NET itself sends the request again, unless it has begun to send a body.
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

    // The caller decides what is streamed. If the server could, it would escape the limits of the attempt.
    private bool IsStreamed(AttemptMessage message, HttpResponseMessage response) =>
        message.IsTakenOverBy(response)
        || (_expectsStream
            && (_setup.Options?.StreamResponse == true
                || _handler.StreamsResponses
                || (MediaType.StreamOf(response.Content.Headers) is { Length: > 0 } type && MediaType.IsAskedFor(_request, type))));
}
