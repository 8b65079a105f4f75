using System.Diagnostics;

namespace Resilience.Polly.Http.Tests;

/// <summary>Tests that measure time on the wall have the machine to themselves within this project.</summary>
[CollectionDefinition(nameof(RealTime), DisableParallelization = true)]
public class RealTime
{
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(3);

    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// Something that is done well within its limits on any machine that is not held up just then. So it is done again, a few
    /// times at most, when a limit was hit; a limit that is hit wrongly is hit each time.
    /// </summary>
    public static async Task IsLeftAloneAsync(Func<Task> request)
    {
        for (var left = 4; ; left--)
        {
            try
            {
                await request();
                return;
            }
            catch (ApiTimeoutException) when (left > 0)
            {
            }
        }
    }

    /// <summary>
    /// The failure of a request, which comes when its limit is over: never earlier, and at most 150 ms later. The machine may
    /// hold up any one run, so the best of a few has to be in time; each of them has to end as the best one does.
    /// </summary>
    public static async Task<TException> FailsAtAsync<TException>(TimeSpan limit, Func<Task> request)
        where TException : Exception
    {
        var best = TimeSpan.MaxValue;
        for (var run = 0; ; run++)
        {
            var began = Stopwatch.GetTimestamp();
            var failure = await Assert.ThrowsAsync<TException>(request);
            var elapsed = Stopwatch.GetElapsedTime(began);
            Assert.True(elapsed >= limit - Early, $"{elapsed.TotalMilliseconds:0.0} ms is before the limit of {limit.TotalMilliseconds} ms");
            best = elapsed < best ? elapsed : best;
            if (best <= limit + Late)
            {
                return failure;
            }

            Assert.True(run < 10, $"the best of {run + 1} runs took {best.TotalMilliseconds:0.0} ms at a limit of {limit.TotalMilliseconds} ms");
        }
    }
}
