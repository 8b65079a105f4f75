using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Polly;

namespace Resilience.Polly.Http;

/// <summary>One logical call over HTTP: what is the same on all its attempts, and how each of them is made.</summary>
internal sealed class HttpCall
{
    private readonly ResilienceHandler _handler;
    private readonly HttpRequestMessage _request;
    private readonly PipelineOptions _settings;
    private readonly CallSetup _setup;
    private readonly string _id;
    private readonly string? _keyHeader;
    private readonly bool _bodyRepeats;
    private readonly CallRepetition _repetition;
    private int _attempts;
    private AttemptMessage? _message;

    /// <exception cref="ArgumentException">The id that the request brings in a header is not a valid one.</exception>
    /// <exception cref="InvalidOperationException">Its body was sent before.</exception>
    public HttpCall(ResilienceHandler handler, HttpRequestMessage request, PipelineOptions settings)
    {
        (_handler, _request, _settings, _setup) = (handler, request, settings, CallSetup.Of(request));
        if (request.Content is { } body)
        {
            BodyReplay.ThrowIfSpent(body);
        }

        var isGiven = true;
        if ((_setup.RequestId ?? _setup.Options?.RequestId) is { } given)
        {
            _id = given;
        }
        else if (request.Headers.NonValidated.TryGetValues(settings.Idempotency.KeyHeader, out var header))
        {
            // Whoever set the key by hand means the service to recognise it, and has it sent as it was set.
            (_id, _keyHeader) = (RequestIds.Unquote(header.ToString()), header.ToString());
            RequestIds.ThrowIfInvalid(_id, settings.Idempotency.KeyHeader);
        }
        else
        {
            isGiven = false;
            _id = RequestIds.New(handler.Time.GetUtcNow());
        }

        // What changes nothing needs no key. One that the caller gave is sent all the same.
        if (isGiven || !Repetition.IsSafe(request.Method))
        {
            _keyHeader ??= RequestIds.Quote(_id);
        }

        _bodyRepeats = request.Content is null || BodyReplay.CanRepeat(request.Content);
        _repetition = Repetition.Of(request.Method, _bodyRepeats, isGiven || settings.Idempotency.ServerDeduplicates);
    }

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

        if (_setup.FailsOnStatus)
        {
            context.Properties.Set(CallProperties.FailsOnStatus, true);
        }

        // The phases have limits of their own, so that an attempt as a whole has one only where it was asked for.
        if ((_setup.Options?.AttemptTimeout ?? (_settings.Timeout.Attempt is null ? Timeout.InfiniteTimeSpan : null)) is { } limit)
        {
            context.Properties.Set(CallProperties.AttemptTimeout, limit);
        }
    }

    /// <summary>Makes one attempt, with the body of the answer read unless it is to be streamed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome<HttpResponseMessage>> AttemptAsync(ResilienceContext context)
    {
        HttpResponseMessage? response = null;
        try
        {
            _message = NextMessage();
            response = await _handler.SendAttemptAsync(_message, context.CancellationToken).ConfigureAwait(false);
            if (_setup.FailsOnStatus && !response.IsSuccessStatusCode)
            {
                var failure = await ErrorAnswer.ReadAsync(response, _handler.Time, context.CancellationToken).ConfigureAwait(false);
                response.Dispose();
                return Outcome.FromException<HttpResponseMessage>(failure);
            }

            if (!IsStreamed(response) && Buffering.IsPossible(_message.Method, response))
            {
                await response.Content.LoadIntoBufferAsync(context.CancellationToken).ConfigureAwait(false);
            }
            else if (_settings.MapExceptions && response.Content is TimedResponseContent body)
            {
                var attempts = _attempts;
                body.Map = failure => ApiFailures.Map(failure, _handler.PipelineName, _id, attempts);
            }

            return Outcome.FromResult(response);
        }
#pragma warning disable CA1031 // the pipeline decides what becomes of it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            response?.Dispose();
            if (_repetition == CallRepetition.OnlyIfNotSent && _message is { MayHaveArrived: true })
            {
                // The transport knows it. A failure alone may mislead: one to connect may be that of a redirect's next hop.
                context.Properties.Set(CallProperties.Repetition, CallRepetition.Never);
            }

            return Outcome.FromException<HttpResponseMessage>(failure);
        }
        finally
        {
            if (!_bodyRepeats && _message is { BodyStarted: true })
            {
                BodyReplay.NoteSent(_request.Content!);
            }
        }
    }

    private AttemptMessage NextMessage()
    {
        _attempts++;
        var message = AttemptMessage.CopyOf(_request, Limits(), _setup);
        if (_repetition != CallRepetition.Safe && message.Method != HttpMethod.Connect)
        {
            // .NET itself sends a request again whose connection is closed before an answer, unless it has begun to send a body.
            message.Content ??= new ByteArrayContent([]);
        }

        var headers = message.Headers;
        var names = _settings.Idempotency;
        if (_setup.RequestId is not null || _setup.Options?.RequestId is not null)
        {
            headers.Remove(names.RequestIdHeader);
            headers.Remove(names.KeyHeader);
        }

        if (!headers.NonValidated.Contains(names.RequestIdHeader))
        {
            headers.TryAddWithoutValidation(names.RequestIdHeader, _id);
        }

        if (_keyHeader is not null && !headers.NonValidated.Contains(names.KeyHeader))
        {
            headers.TryAddWithoutValidation(names.KeyHeader, _keyHeader);
        }

        return message;
    }

    private PhaseLimits Limits()
    {
        var (timeouts, own) = (_settings.Timeout, _setup.Options);
        return new PhaseLimits(
            timeouts.ForAttempt(own?.ConnectTimeout ?? timeouts.Connect, _attempts),
            timeouts.ForAttempt(own?.ReadTimeout ?? timeouts.Read, _attempts),
            timeouts.ForAttempt(own?.WriteTimeout ?? timeouts.Write, _attempts),
            timeouts.ForAttempt(own?.PoolTimeout ?? timeouts.Pool, _attempts));
    }

    // Some answers go on for as long as both sides like, and would never be read to their end.
    private bool IsStreamed(HttpResponseMessage response) =>
        _setup.Options?.StreamResponse == true
        || _handler.StreamsResponses
        || _message!.IsTakenOverBy(response)
        || IsStream(response.Content.Headers);

    // By the text of the header: parsing it costs more than all else that is asked of an answer.
    private static bool IsStream(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var type)
        && (MediaTypeOf(type.ToString()).Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)
            || type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase));

    private static ReadOnlySpan<char> MediaTypeOf(string header) =>
        header.AsSpan(0, header.IndexOf(';', StringComparison.Ordinal) is >= 0 and var end ? end : header.Length).TrimEnd();
}
