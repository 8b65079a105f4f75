using Polly;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>
/// Callers without mercy on one bulkhead: delegates that end in every way, callers that give up, and as many others
/// on the way in and out at the same time as the machine can run. Half of them are threads that call synchronously.
/// </summary>
internal sealed class BulkheadLoad(ResiliencePipeline pipeline, int calls)
{
    private const int Callers = 24;

    private readonly CancellationTokenSource?[] _tokens = new CancellationTokenSource?[Callers];
    private int _started;
    private int _inside;
    private Period _period = new();
    private int _executed;
    private int _timedOut;
    private int _cancelled;
    private int _stop;

    /// <summary>The most calls that were inside at once since <see cref="ForgetMost"/>.</summary>
    public int Most => Volatile.Read(ref Volatile.Read(ref _period).Most);

    public int Executed => Volatile.Read(ref _executed);

    public int TimedOut => Volatile.Read(ref _timedOut);

    public int Cancelled => Volatile.Read(ref _cancelled);

    public void ForgetMost() => Volatile.Write(ref _period, new Period());

    public void Stop() => Volatile.Write(ref _stop, 1);

    /// <summary>Ends when every call that was started has ended.</summary>
    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => caller % 2 == 0
        ? Task.Run(() => CallAsync(caller, new Random(caller), isSynchronous: false))
        : Task.Factory.StartNew(
            () => CallAsync(caller, new Random(caller), isSynchronous: true).GetAwaiter().GetResult(), TaskCreationOptions.LongRunning)));

    private async Task CallAsync(int caller, Random random, bool isSynchronous)
    {
        while (Volatile.Read(ref _stop) == 0 && Interlocked.Increment(ref _started) <= calls)
        {
            // Never disposed: another caller may be cancelling it just now. It holds nothing but memory.
            var own = new CancellationTokenSource();
            Volatile.Write(ref _tokens[caller], own);
            if (random.Next(4) == 0)
            {
                Volatile.Read(ref _tokens[random.Next(Callers)])?.Cancel();
            }

            var how = random.Next(1000);
            try
            {
                if (isSynchronous)
                {
                    pipeline.Execute(_ => Inside(() => How(how, synchronous: true).GetAwaiter().GetResult()), own.Token);
                }
                else if (how % 2 == 0)
                {
                    // Not an async delegate: what it throws, it throws before there is a task.
                    await pipeline.ExecuteAsync(_ => { Inside(() => How(how, synchronous: true).GetAwaiter().GetResult()); return default; }, own.Token);
                }
                else
                {
                    await pipeline.ExecuteAsync(async _ => await InsideAsync(how), own.Token);
                }
            }
            catch (PoolTimeoutException)
            {
                Interlocked.Increment(ref _timedOut);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _cancelled);
            }
            catch (InvalidOperationException)
            {
            }
        }
    }

    private void Inside(Action action)
    {
        Enter();
        try
        {
            action();
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    private async Task InsideAsync(int how)
    {
        Enter();
        try
        {
            await How(how, synchronous: false);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    private void Enter()
    {
        // Read first, so that what is counted before ForgetMost, and reported after it, is not taken for what followed.
        var period = Volatile.Read(ref _period);
        InterlockedMax.Set(ref period.Most, Interlocked.Increment(ref _inside));
        Interlocked.Increment(ref _executed);
    }

    // Mostly quick, so that there are many comings and goings; now and then longer than the shortest AcquisitionTimeout, so that there are timeouts.
    private static async Task How(int how, bool synchronous)
    {
        switch (how % 100)
        {
            case < 10:
                throw new InvalidOperationException();
            case < 30 when !synchronous:
                await Task.Yield();
                break;
            case < 35 when !synchronous:
                await Task.Yield();
                throw new InvalidOperationException();
            case 99 when how < 500 && !synchronous:
                await Task.Delay(2);
                break;
            case 99 when how < 300:
                Thread.SpinWait(50_000);
                break;
        }
    }

    private sealed class Period
    {
        public int Most;
    }
}
