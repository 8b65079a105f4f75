using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Queues;

/// <summary>
/// One life of a queue: many enqueuers without mercy - work that ends in every way, at once or later, saturation of its own and of the pipeline,
/// cancellations at any time - and a shutdown in the middle of it. All of it follows from the seed, but for what threads make of it.
/// </summary>
internal sealed class QueueLoad(int seed, int items)
{
    private const int Enqueuers = 16;

    private readonly Random _random = new(seed);
    private readonly CancellationTokenSource?[] _tokens = new CancellationTokenSource?[Enqueuers];
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _twice;

    public QueueTally Tally { get; } = new();

    public async Task<QueueSnapshot> RunAsync()
    {
        await using var app = new QueueApp(
            options =>
            {
                options.Capacity = Pick(1, 10, 100, 1000);
                options.Workers = Pick(1, 2, 4, 16);
                options.EnqueueTimeout = TimeSpan.FromMilliseconds(Pick(0, 1, 30_000));
                options.Pause = TimeSpan.FromMilliseconds(1);
                options.DrainTimeout = TimeSpan.FromMilliseconds(Pick(0, 1, 10, 200));
            },
            builder =>
            {
                if (_random.Next(2) == 0)
                {
                    var slots = Pick(1, 4, 16);
                    builder.AddPipeline(QueueApp.Name, options =>
                    {
                        options.Bulkhead.MaxConcurrency = slots;
                        options.Bulkhead.AcquisitionTimeout = TimeSpan.FromMilliseconds(1);
                        options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
                        options.Retry.MaxAttempts = 1;
                    });
                }
            },
            TimeProvider.System);
        var queue = app.Queue;
        var startsLate = _random.Next(4) == 0;
        if (!startsLate)
        {
            await app.StartAsync();
        }

        var enqueuing = Enumerable.Range(0, Enqueuers).Select(i => Task.Run(() => EnqueueAllAsync(queue, i))).ToList();
        if (startsLate)
        {
            await Task.Yield();
            await app.StartAsync();
        }

        await _enough.Task;
        using var host = new CancellationTokenSource();
        var stopping = Task.Run(() => app.StopAsync(host.Token));
        if (_random.Next(3) == 0)
        {
            await host.CancelAsync();
        }

        await stopping;
        var atStop = queue.GetSnapshot();
        QueueApp.AssertNothingVanished(atStop);
        await Task.WhenAll(enqueuing); // each of which waits for the end of all that it enqueued
        var end = queue.GetSnapshot();
        QueueApp.AssertNothingVanished(end);
        Assert.Equal(atStop.Accepted, end.Accepted);
        Assert.Equal(0, Volatile.Read(ref _twice));
        Tally.AssertNoneWasBegunAfterItWasHandedBack();
        return end;
    }

    private int Pick(params int[] choices) => choices[_random.Next(choices.Length)];

    private async Task EnqueueAllAsync(RequestQueue queue, int enqueuer)
    {
        var random = new Random((seed * Enqueuers) + enqueuer);
        var ends = new List<Task>();
        while (true)
        {
            // Never disposed: another enqueuer may be cancelling it just now. It holds nothing but memory.
            var own = new CancellationTokenSource();
            Volatile.Write(ref _tokens[enqueuer], own);
            if (random.Next(8) == 0)
            {
                Volatile.Read(ref _tokens[random.Next(Enqueuers)])?.Cancel();
            }

            try
            {
                var begun = new StrongBox<int>();
                ends.Add(Tally.NoteAsync((await queue.EnqueueAsync(Work(random.Next(1000), begun), own.Token)).Completion, begun));
                Tally.Accept();
                if (Tally.Accepted >= items)
                {
                    _enough.TrySetResult();
                }
            }
            catch (PoolTimeoutException)
            {
                Tally.Reject();
                await Task.Yield();
            }
            catch (OperationCanceledException)
            {
            }
            catch (QueueShutdownException)
            {
                Tally.Reject();
                break;
            }
        }

        await Task.WhenAll(ends);
    }

    /// <summary>Mostly quick, so that there are many; saturation now and then, so that there are not only pauses.</summary>
    private Func<CancellationToken, ValueTask<int>> Work(int how, StrongBox<int> begun)
    {
        var isInWork = 0;

        // In the shutdown also for ever; before it, those behind such an item would wait for ever too.
        var left = how % 100 == 0 ? 2 : how % 100 == 1 && _enough.Task.IsCompleted ? int.MaxValue : 0;
        return async token =>
        {
            Volatile.Write(ref begun.Value, 1);
            Interlocked.Add(ref _twice, Interlocked.Exchange(ref isInWork, 1));
            try
            {
                if (left > 0 && how < 300)
                {
                    left--;
                    throw new PoolTimeoutException("no room");
                }

                switch (how % 100)
                {
                    case < 10:
                        throw new InvalidOperationException();
                    case < 40:
                        await Task.Yield();
                        break;
                    case < 45:
                        await Task.Yield();
                        throw new InvalidOperationException();
                    case 98 when how < 300:
                        await Task.Delay(1, token);
                        break;
                    case 99 when how < 300:
                        await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None); // heeds nobody
                        break;
                }

                return how;
            }
            finally
            {
                Volatile.Write(ref isInWork, 0);
            }
        };
    }
}
