using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Resilience.Polly;

namespace Patterns;

/// <summary>Calls the service through the pipeline, and moves the clock until the call has ended.</summary>
internal sealed class Caller(ResiliencePipeline pipeline, Func<PipelineSnapshot> snapshot, Func<int, TimeSpan, Reply> service, FakeTimeProvider clock, FlowLog flow)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.1);

    private readonly DateTimeOffset _start = clock.GetUtcNow();
    private int _calls;
    private int _underWay;
    private int _inside;

    /// <summary>Makes one call and shows its flow.</summary>
    public void Call()
    {
        var call = RunAsync(++_calls, isShown: true);
        while (!call.IsCompleted)
        {
            Pass(Tick);
        }
    }

    /// <summary>Begins calls that are not shown, one after the other: no two of them end at the same moment.</summary>
    public void CallUnseen(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _ = RunAsync(++_calls, isShown: false);
            Pass(Tick);
        }

        flow.Saw(clock.GetUtcNow(), 0, Step.Slot, $"{Slots()} after {times} other calls");
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= Tick)
        {
            clock.Advance(Tick);
            Settle();
        }
    }

    private async Task RunAsync(int number, bool isShown)
    {
        var (attempts, slotSince) = (0, default(DateTimeOffset));
        var context = ResilienceContextPool.Shared.Get();
        Interlocked.Increment(ref _underWay);
        context.Properties.Set(CallProperties.RequestId, isShown ? $"call {number}" : FlowLog.Unseen);
        string ending;
        try
        {
            ending = await pipeline.ExecuteAsync(AttemptAsync, context);
        }
        catch (ApiConnectionException failure)
        {
            ending = failure.GetType().Name;
        }

        if (attempts > 0)
        {
            Show(Step.Verdict, Circuit());
            Show(Step.Release, $"{Slots()}, held for {Since(slotSince)}");
            Interlocked.Decrement(ref _inside);
        }

        Show(Step.End, $"call {number} ends: {ending}; attempts: {attempts}");
        ResilienceContextPool.Shared.Return(context);
        Interlocked.Decrement(ref _underWay);

        async ValueTask<string> AttemptAsync(ResilienceContext context)
        {
            var began = clock.GetUtcNow();
            if (++attempts == 1)
            {
                slotSince = began;
                Show(Step.Slot, Slots());
                Show(Step.Circuit, Circuit());
            }

            var reply = ReplyAsync(service(attempts, began - _start), context.CancellationToken);
            if (attempts == 1)
            {
                Interlocked.Increment(ref _inside); // the time of the reply runs: the clock may move
            }

            try
            {
                await reply;
                Show(Step.Attempt, $"{attempts} answered after {Since(began)}");
                return "answered";
            }
            catch (Exception failure)
            {
                Show(Step.Attempt, $"{attempts} failed after {Since(began)}: {(failure is SocketException ? "connection refused" : "no answer yet")}");
                throw;
            }
        }

        void Show(Step step, string text)
        {
            if (isShown)
            {
                flow.Saw(clock.GetUtcNow(), attempts, step, text);
            }
        }
    }

    private string Slots() => $"{snapshot().Bulkhead.InUse} of {snapshot().Bulkhead.Limit} in use";

    private string Circuit() => $"{snapshot().CircuitBreaker.State}, failures in a row: {snapshot().CircuitBreaker.FailureCount}";

    private string Since(DateTimeOffset time) => FlowLog.Seconds(clock.GetUtcNow() - time);

    private async Task ReplyAsync(Reply reply, CancellationToken token)
    {
        if (reply.After is not { } after)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        // Not Task.Delay: what follows an answer or a timeout must have happened when the clock has moved.
        var answer = new TaskCompletionSource();
        using var givenUp = token.UnsafeRegister(_ => answer.TrySetCanceled(token), null);
        await using var timer = clock.CreateTimer(_ => answer.TrySetResult(), null, after, Timeout.InfiniteTimeSpan);
        await answer.Task;
    }

    // A call that waited for a slot goes on in another thread. Time stands still until each call waits, is inside, or has ended.
    private void Settle()
    {
        for (var spin = default(SpinWait); ; spin.SpinOnce())
        {
            var slots = snapshot().Bulkhead;
            if (slots.InUse == Volatile.Read(ref _inside) && slots.InUse + slots.Waiting == Volatile.Read(ref _underWay))
            {
                return;
            }
        }
    }
}
