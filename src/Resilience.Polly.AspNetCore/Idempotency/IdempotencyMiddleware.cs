using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Resilience.Polly.AspNetCore.Idempotency.Execution;
using Resilience.Polly.AspNetCore.Idempotency.Requests;
using Resilience.Polly.AspNetCore.Idempotency.Responses;
using Resilience.Polly.AspNetCore.Idempotency.Settings;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency;

/// <summary>Claims, executes, stores and sends; or answers from what is stored.</summary>
internal sealed class IdempotencyMiddleware(
    RequestDelegate next, IOptions<IdempotentEndpointOptions> defaults, ClaimedCalls calls, HostStop hostStop, TimeProvider clock, ILoggerFactory loggers)
{
    // How often a request that waits for another one looks.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly ConditionalWeakTable<Endpoint, IdempotentEndpoint?> _endpoints = [];
    private readonly ILogger _logger = loggers.CreateLogger(Log.Category);

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint() is { } routed ? _endpoints.GetValue(routed, one => IdempotentEndpoint.Of(one, defaults.Value)) : null;

        // The middleware may be there twice.
        return endpoint is null || context.Features.Get<IdempotentRequest>() is not null ? next(context) : HandleAsync(context, endpoint);
    }

    private async Task HandleAsync(HttpContext context, IdempotentEndpoint endpoint)
    {
        var options = endpoint.Options;
        var fault = IdempotencyKey.TryRead(context.Request.Headers[options.KeyHeader], out var key);
        if (IdempotentEndpoint.IsSafe(context.Request.Method) || (fault == KeyFault.Missing && !options.RequireKey))
        {
            context.Features.Set(IdempotentRequest.Unprotected);
            await next(context).ConfigureAwait(false);
            return;
        }

        if (fault != KeyFault.None)
        {
            await Problem.Of(fault, options.KeyHeader).WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var principal = options.PrincipalSelector is { } selector ? selector(context) : Principals.Of(context);
        var entryKey = Hashes.EntryKey(principal, context.Request.Method, endpoint.Name, key);
        if (await Hashes.FingerprintAsync(context.Request, options.MaxRequestSize, context.RequestAborted).ConfigureAwait(false) is not { } fingerprint)
        {
            await Problem.BodyTooLarge.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var (execution, entry) = await ClaimAsync(entryKey, fingerprint, endpoint, context.RequestAborted).ConfigureAwait(false);
        await (execution is null ? AnswerAsync(context, endpoint, entry) : ExecuteAsync(context, endpoint, key, execution)).ConfigureAwait(false);
    }

    private async Task<(CallExecution? Execution, IdempotencyEntry? Entry)> ClaimAsync(
        string key, byte[] fingerprint, IdempotentEndpoint endpoint, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var claimed = await calls.ClaimAsync(key, fingerprint, endpoint, cancellationToken).ConfigureAwait(false);
            if (claimed.Entry?.Status != IdempotencyStatus.Running || clock.GetElapsedTime(start) >= endpoint.Options.WaitForRunning)
            {
                return claimed;
            }

            await Task.Delay(BetweenLooks, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(HttpContext context, IdempotentEndpoint endpoint, IdempotencyEntry? entry)
    {
        switch (entry)
        {
            case null:
                return Problem.StoreUnavailable.WriteAsync(context);
            case { Status: IdempotencyStatus.Completed }:
                return ReplayAsync(context, endpoint, entry.Result);
            case { Status: IdempotencyStatus.Mismatch }:
                return Problem.KeyReused.WriteAsync(context);
            case { Status: IdempotencyStatus.Abandoned }:
                Log.IdempotentOutcomeUnknown(_logger, LogText.OneLine(endpoint.Name), entry.IsCommitted);
                return (entry.IsCommitted ? Problem.ResponseLost : Problem.OutcomeUnknown).WriteAsync(context);
            default:
                return Problem.Running.WriteAsync(context);
        }
    }

    private Task ReplayAsync(HttpContext context, IdempotentEndpoint endpoint, ReadOnlyMemory<byte> result)
    {
        if (!StoredResponse.TryDecode(result, out var stored))
        {
            Log.IdempotentResultUnreadable(_logger, LogText.OneLine(endpoint.Name));
            return Problem.Unreadable.WriteAsync(context);
        }

        return stored.Kind switch
        {
            StoredKind.TooLarge => Problem.ResponseTooLarge.WriteAsync(context),
            StoredKind.Committed => Problem.ResponseLost.WriteAsync(context),
            _ => stored.ReplayAsync(context.Response, context.RequestAborted),
        };
    }

    private async Task ExecuteAsync(HttpContext context, IdempotentEndpoint endpoint, string key, CallExecution execution)
    {
        var request = new IdempotentRequest(key, execution.Commit);
        var response = new CapturedResponse(context.Features, endpoint.Options.MaxResponseSize);
        var lifetime = new HandlerLifetime(context.Features, hostStop.Token);
        context.Features.Set(request);
        byte[]? result = null;
        try
        {
            await next(context).ConfigureAwait(false);
            await response.EndAsync().ConfigureAwait(false);
            result = ResultOf(response, request.IsCommitted, endpoint);
        }
        catch when (request.IsCommitted)
        {
            result = StoredResponse.OnlyCommitted.Encode();
            throw;
        }
        finally
        {
            lifetime.Dispose();
            response.Remove();
            await execution.EndAsync(result).ConfigureAwait(false);
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await response.SendAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    private byte[]? ResultOf(CapturedResponse response, bool isCommitted, IdempotentEndpoint endpoint)
    {
        if (!Verdict.IsKept(response.StatusCode, isCommitted))
        {
            return null;
        }

        if (!response.IsThrough)
        {
            return StoredResponse.Of(response.StatusCode, response.Headers, response.Kept).Encode();
        }

        Log.IdempotentResponseTooLarge(_logger, LogText.OneLine(endpoint.Name), endpoint.Options.MaxResponseSize);
        return StoredResponse.TooLarge(response.StatusCode).Encode();
    }
}
