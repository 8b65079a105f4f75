using System.Diagnostics;
using Resilience.Polly.Benchmarks;

namespace Resilience.Polly.Soak;

/// <summary>Rounds of ours and of Polly's in turn, with a look at what must not grow before and after.</summary>
internal static class Soak
{
    private const int Timers = 4; // the runtime keeps some of its own, which come and go
    private const long Memory = 512 << 10;

    public static async Task<SoakResult> RunAsync(Arguments arguments, Ours ours, Contestant pollys, Action<TimeSpan> progress)
    {
        // A twentieth of the time to fill what is pooled; then counting begins anew.
        var warmUp = arguments.Duration / 20;
        await RoundAsync(ours.Contestant, arguments, warmUp / 2, 0);
        await RoundAsync(pollys, arguments, warmUp / 2, 0);
        ours.Contestant.CountAnew();
        pollys.CountAnew();
        var before = await Readings.TakeAsync(ours);

        var began = Stopwatch.GetTimestamp();
        var length = TimeSpan.FromSeconds(Math.Clamp(arguments.Duration.TotalSeconds / 20, 1, 10));
        for (var round = 1; Stopwatch.GetElapsedTime(began) < arguments.Duration - warmUp; round++)
        {
            await RoundAsync(ours.Contestant, arguments, length, round);
            await RoundAsync(pollys, arguments, length, round);
            progress(Stopwatch.GetElapsedTime(began));
        }

        var after = await Readings.TakeAsync(ours);
        return new(
            arguments.Duration,
            arguments.Workers,
            [Result(ours.Contestant), Result(pollys)],
            [
                new("slots in use, and callers in line", before.Slots, after.Slots, 0),
                new("active timers", before.Timers, after.Timers, Timers),
                new("managed memory, bytes", before.Memory, after.Memory, Memory),
            ]);
    }

    private static Task RoundAsync(Contestant contestant, Arguments arguments, TimeSpan length, int round) => contestant.Tally.MeasureAsync(() =>
        Task.WhenAll(Enumerable.Range(0, arguments.Workers).Select(worker =>
            Task.Run(() => new Traffic(contestant, (round * arguments.Workers) + worker).RunAsync(length)))));

    private static SoakContestant Result(Contestant contestant) =>
        new(contestant.Name, contestant.Tally.Calls, contestant.Tally.CallsPerSecond, contestant.Tally.BytesPerCall, contestant.Tally.Collections);
}
