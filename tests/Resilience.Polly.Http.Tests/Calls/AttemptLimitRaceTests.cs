using Resilience.Polly.Http.Calls;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>A limit that is used again, with callers that give up and deadlines that pass at any moment.</summary>
public class AttemptLimitRaceTests
{
    [Fact]
    public async Task Limit_ends_the_attempt_that_it_was_begun_for_and_no_other()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var pool = new IdlePool<AttemptLimit>(pool => new AttemptLimit(pool, TimeProvider.System));
        var (wrong, passed, givenUp) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(seed + worker);
            for (var i = 0; i < 20_000; i++)
            {
                using var caller = new CancellationTokenSource();
                var limit = pool.Take();
                var kind = random.Next(4);
                limit.Begin(kind == 0 ? TimeSpan.FromTicks(random.Next(30_000)) : TimeSpan.FromHours(1), caller.Token);
                if (limit.HasPassed && kind != 0)
                {
                    Interlocked.Increment(ref wrong);
                }

                var giving = kind == 1 ? Task.Run(caller.Cancel) : Task.CompletedTask;
                Thread.SpinWait(random.Next(kind == 0 ? 20_000 : 200));
                if (limit.Token.IsCancellationRequested)
                {
                    Interlocked.Increment(ref kind == 0 ? ref passed : ref kind == 1 ? ref givenUp : ref wrong);
                    if (limit.HasPassed != (kind == 0))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }

                limit.End(isTokenFree: true);
                giving.GetAwaiter().GetResult();
            }
        })));
        Assert.Equal(0, wrong);
        Assert.True(passed > 0 && givenUp > 0, $"{passed} passed, {givenUp} were given up"); // both were tried
    }
}
