using System.Collections.Concurrent;
using System.Diagnostics;
using Resilience.Polly;

namespace Storefront;

/// <summary>The traffic of a page: visitors who load it, read, and load it again.</summary>
internal abstract class Visitors(string page, TimeSpan deadline, Func<int, Task<Page>> load, Timeline timeline)
{
    /// <summary>The delay that a busy machine may add. Two cores with seven times the load that they can carry added 0.4 s.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private const int Count = 6;

    private readonly ConcurrentQueue<PageVisit> _visits = new();

    public string Page => page;

    public TimeSpan Deadline => deadline;

    public IReadOnlyCollection<PageVisit> Visits => _visits;

    /// <summary>Whether a visit ended by the deadline. The delay of a busy machine is allowed for.</summary>
    public bool WasInTime(PageVisit visit) => visit.Took <= deadline + Tolerance;

    /// <summary>Ends when all visitors have left.</summary>
    public Task RunAsync(CancellationToken closing) => Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ReadAsync(closing)));

    private async Task ReadAsync(CancellationToken closing)
    {
        while (!closing.IsCancellationRequested)
        {
            var reading = TimeSpan.FromMilliseconds(Random.Shared.Next(300, 1200));
            await Task.Delay(reading, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!closing.IsCancellationRequested)
            {
                var visit = await VisitAsync(userId: Random.Shared.Next(1, UsersApi.Accounts + 1));
                _visits.Enqueue(visit);
                timeline.Tell(page, visit);
            }
        }
    }

    private async Task<PageVisit> VisitAsync(int userId)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var answer = await load(userId);
            var took = Stopwatch.GetElapsedTime(start);
            return new PageVisit(took, PageAnswer.Of(answer));
        }
        catch (ApiConnectionException refusal)
        {
            return new PageVisit(Stopwatch.GetElapsedTime(start), Refusal: refusal);
        }
#pragma warning disable CA1031 // the verdict needs to know every other failure of a visit
        catch (Exception unexplained)
#pragma warning restore CA1031
        {
            return new PageVisit(Stopwatch.GetElapsedTime(start), Unexplained: unexplained);
        }
    }
}

/// <summary>Visitors of the feed.</summary>
internal sealed class FeedVisitors(Feed feed, Timeline timeline)
    : Visitors("feed", Feed.Deadline, async userId => await feed.LoadAsync(userId), timeline);

/// <summary>Visitors of their home dashboards.</summary>
internal sealed class HomeVisitors(Home home, Timeline timeline)
    : Visitors("home", Home.Deadline, async userId => await home.LoadAsync(userId), timeline);
