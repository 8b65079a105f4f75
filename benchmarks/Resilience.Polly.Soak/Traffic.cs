using System.Diagnostics;

namespace Resilience.Polly.Soak;

/// <summary>Calls of every kind, mixed by chance from a seed: what a worker does in a round.</summary>
internal sealed class Traffic(Contestant contestant, int seed)
{
    private const int BurstSize = 8;

    private readonly Random _random = new(seed);

    public async Task RunAsync(TimeSpan length)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < length)
        {
            await NextAsync(_random.Next(10_000));
        }
    }

    private Task NextAsync(int chance) => chance switch
    {
        < 4_000 => CountAsync(contestant.Roomy.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None)),
        < 7_000 => CountAsync(contestant.Roomy.ExecuteAsync(static token => Delegates.YieldAsync(token), CancellationToken.None)),
        < 8_000 => CountAsync(contestant.Roomy.ExecuteAsync(Delegates.FailingOnce(), CancellationToken.None)),
        < 8_500 => CountAsync(contestant.Roomy.ExecuteAsync(static _ => Delegates.BusinessFailureAsync(), CancellationToken.None)),
        < 9_000 => CancelAsync(),
        < 9_400 => BurstAsync(),
        < 9_995 => CountAsync(contestant.Flaky.ExecuteAsync(static _ => Delegates.FailAsync(), CancellationToken.None)),
        _ => CountAsync(contestant.Roomy.ExecuteAsync(static token => Delegates.HangAsync(token), CancellationToken.None)),
    };

    private Task BurstAsync() => Task.WhenAll(Enumerable.Range(0, BurstSize).Select(_ =>
        CountAsync(contestant.Narrow.ExecuteAsync(static token => Delegates.YieldAsync(token), CancellationToken.None))));

    private async Task CancelAsync()
    {
        using var caller = new CancellationTokenSource();
        var call = CountAsync(contestant.Roomy.ExecuteAsync(static token => Delegates.HangAsync(token), caller.Token));
        await caller.CancelAsync();
        await call;
    }

    private async Task CountAsync(ValueTask<int> call)
    {
        Result result;
        try
        {
            await call;
            result = Result.Succeeded;
        }
#pragma warning disable CA1031 // each exception is a result here, and an unexpected one counts as a failure
        catch (Exception exception)
#pragma warning restore CA1031
        {
            result = Results.Of(exception);
        }

        contestant.Tally.Count(result);
    }
}
