using Polly;
using Polly.Hedging;

namespace Resilience.Polly.Tests.Strategies;

/// <summary>Strategies that execute a call several times at once, and leave executions running that nobody waits for, beside other calls.</summary>
public class AddedStrategyRaceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_get_their_own_answers_and_all_slots_come_back(bool isAroundCall)
    {
        var seed = Environment.TickCount;
        var left = new Left();
        await using var app = StrategyApp.With(
            s => _ = isAroundCall
                ? s.AroundCall((b, _) => b.AddStrategy(_ => left)).AroundCall<int>((b, _) => b.AddHedging(Hedging()))
                : s.AroundAttempt((b, _) => b.AddStrategy(_ => left)).AroundAttempt<int>((b, _) => b.AddHedging(Hedging())),
            o =>
            {
                (o.Bulkhead.MaxConcurrency, o.CircuitBreaker.Mode, o.Timeout.Total) = (1000, CircuitBreakerMode.Disabled, TimeSpan.FromMinutes(5));
                (o.Chaos.Enabled, o.Chaos.AllowInProduction, o.Chaos.LatencyRate, o.Chaos.Latency) = (true, true, 0.05, TimeSpan.FromMilliseconds(1));
                o.Retry.Budget.Enabled = false;
                o.Retry.MaxAttempts = 3;
            },
            TimeProvider.System);
        const int callers = 8, each = 300;
        var (succeeded, failed) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            for (var i = 0; i < each; i++)
            {
                var mine = (caller * each) + i;
                var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
                context.Properties.Set(CallProperties.RequestId, $"{mine}");
                var fate = random.Next(4);
                try
                {
                    var answer = await app.Pipeline.ExecuteAsync(
                        async (c, number) =>
                        {
                            left.Note($"{number}" == c.Properties.GetValue(CallProperties.RequestId, "none")); // also where nobody sees how the execution ends
                            if (fate > 0)
                            {
                                await Task.Yield();
                            }

                            return fate == 3 ? throw new HttpRequestException($"{number}") : number;
                        },
                        context,
                        mine);
                    Assert.True(answer == mine, $"seed {seed}: call {mine} got {answer}");
                    Interlocked.Increment(ref succeeded);
                }
                catch (ApiConnectionException failure)
                {
                    Assert.True(failure.InnerException?.Message == $"{mine}" && failure.RequestId == $"{mine}", $"seed {seed}: call {mine} got {failure}");
                    Interlocked.Increment(ref failed);
                }

                // Not given back: an execution that was left running has it.
            }
        })));
        await left.AllEndedAsync();
        Assert.True(left.Mixed == 0, $"seed {seed}: {left.Mixed} executions ran the delegate of another call, or none");
        var snapshot = app.Snapshot;
        Assert.True((succeeded, failed) == (snapshot.Lifetime.Succeeded, snapshot.Lifetime.Failed), $"seed {seed}: {succeeded} and {failed} calls, {snapshot.Lifetime}");
        Assert.True(snapshot.Bulkhead.InUse == 0, $"seed {seed}: {snapshot.Bulkhead}");
    }

    private static HedgingStrategyOptions<int> Hedging() => new() { MaxHedgedAttempts = 2, Delay = TimeSpan.Zero };

    /// <summary>Returns the first of two executions, and begins one more after the call has ended.</summary>
    private sealed class Left : ResilienceStrategy
    {
        private int _running;
        private int _mixed;

        public int Mixed => Volatile.Read(ref _mixed);

        public void Note(bool isRight)
        {
            if (!isRight)
            {
                Interlocked.Increment(ref _mixed);
            }
        }

        public async Task AllEndedAsync()
        {
            var patience = Task.Delay(HeldCall.Patience);
            while (Volatile.Read(ref _running) > 0 && !patience.IsCompleted)
            {
                await Task.Yield();
            }

            Assert.Equal(0, Volatile.Read(ref _running));
        }

        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            var id = context.Properties.GetValue(CallProperties.RequestId, "none");
            Task<Outcome<TResult>> ExecuteAsync(bool isLate) => Task.Run(async () =>
            {
                if (isLate)
                {
                    await Task.Delay(1);
                }

                var own = ResilienceContextPool.Shared.Get(context.CancellationToken);
                own.Properties.Set(CallProperties.RequestId, id);
                try
                {
                    var outcome = await callback(own, state);
                    Note(outcome.Exception is not NullReferenceException);
                    return outcome;
                }
                catch (NullReferenceException)
                {
                    Note(isRight: false);
                    throw;
                }
                finally
                {
                    Interlocked.Decrement(ref _running);
                }
            });

            Interlocked.Add(ref _running, 3);
            _ = ExecuteAsync(isLate: true);
            return await await Task.WhenAny(ExecuteAsync(isLate: false), ExecuteAsync(isLate: false));
        }
    }
}
