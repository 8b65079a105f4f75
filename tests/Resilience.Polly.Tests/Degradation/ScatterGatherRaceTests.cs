using System.Diagnostics;

namespace Resilience.Polly.Tests.Degradation;

/// <summary>Two threads, one moment: whoever is first decides, and the other changes nothing.</summary>
public class ScatterGatherRaceTests
{
    private const int Rounds = 5_000;
    private const int Fewest = 100;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly long _began = Stopwatch.GetTimestamp();
    private int _rounds;
    private int _handicap;
    private int _firsts;
    private int _step = 1;
    private bool _hasWon;

    [Fact]
    public async Task RunAsync_answer_against_deadline_one_of_them_wins_and_it_stays_so()
    {
        while (HasAnotherRound())
        {
            var clock = new TestClock();
            var gather = new ScatterGather(clock);
            var call = new Call();
            var part = gather.Add("part", call.AnswerAsync, 7);
            var run = gather.RunAsync(Deadline);
            await call.Started.WaitAsync(HeldCall.Patience);

            var race = RaceAsync(() => call.Answer(1), () => clock.Advance(Deadline));
            await run.WaitAsync(HeldCall.Patience);
            var (state, value, failure) = (part.State, part.Value, part.Failure);
            await race;
            await call.Ended.WaitAsync(HeldCall.Patience);

            Assert.Equal((state, value), (part.State, part.Value));
            Assert.Same(failure, part.Failure);
            Assert.Equal(state == ScatterPartState.Answered ? (1, true) : (7, false), (value, failure is null));
            Assert.Equal(state == ScatterPartState.Answered ? [] : ["part"], gather.Degraded);
            Handicap(state == ScatterPartState.Answered);
        }

        AssertBothWays();
    }

    [Fact]
    public async Task RunAsync_fallback_against_the_end_of_the_grace_one_of_them_wins_and_it_stays_so()
    {
        while (HasAnotherRound())
        {
            var clock = new TestClock();
            var gather = new ScatterGather(clock);
            var fallback = new Call();
            var part = gather.Add("part", ValueTask<int> (_) => throw new TimeoutException(), fallback.AnswerAsync);
            var straggler = gather.Add("straggler", async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return 1;
            });
            var run = gather.RunAsync(Deadline);
            await fallback.Started.WaitAsync(HeldCall.Patience);
            await Task.Run(() => clock.Advance(Deadline)); // where nothing keeps what follows from happening on the spot
            var race = RaceAsync(() => fallback.Answer(7), () => clock.Advance(gather.FallbackGrace));
            await run.WaitAsync(HeldCall.Patience);
            var state = part.State;
            await race;
            await fallback.Ended.WaitAsync(HeldCall.Patience);

            Assert.Equal((state, state == ScatterPartState.Fallback), (part.State, part.HasValue));
            Assert.Contains(state, new[] { ScatterPartState.Fallback, ScatterPartState.Missing });
            Assert.Equal(ScatterPartState.Missing, straggler.State);
            Handicap(state == ScatterPartState.Fallback);
        }

        AssertBothWays();
    }

    [Fact]
    public async Task RunAsync_cancellation_against_deadline_throws_or_answers_and_every_part_has_its_end()
    {
        while (HasAnotherRound())
        {
            var clock = new TestClock();
            using var caller = new CancellationTokenSource();
            var gather = new ScatterGather(clock);
            var call = new Call();
            var part = gather.Add("part", call.AnswerAsync, 7);
            var run = gather.RunAsync(Deadline, caller.Token);
            await call.Started.WaitAsync(HeldCall.Patience);

            var isCancelled = false;
            var race = RaceAsync(caller.Cancel, () => clock.Advance(Deadline));
            try
            {
                await run.WaitAsync(HeldCall.Patience);
                Assert.Equal((ScatterPartState.Fallback, 7), (part.State, part.Value));
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(caller.Token, exception.CancellationToken);
                Assert.Contains(part.State, new[] { ScatterPartState.Fallback, ScatterPartState.Missing });
                isCancelled = true;
            }

            await race;
            call.Answer(1);
            Assert.NotEqual(ScatterPartState.Answered, part.State);
            Assert.Equal(["part"], gather.Degraded);
            Handicap(isCancelled);
        }

        AssertBothWays();
    }

    [Fact]
    public async Task RunAsync_many_parts_end_at_once_each_is_counted_once()
    {
        while (HasAnotherRound())
        {
            var clock = new TestClock();
            var gather = new ScatterGather(clock);
            var calls = Enumerable.Range(0, 20).Select(_ => new Call()).ToArray();
            var parts = calls.Select((call, index) => gather.Add($"{index}", call.AnswerAsync, -1)).ToArray();
            var run = gather.RunAsync(Deadline);
            await Task.WhenAll(calls.Select(call => call.Started)).WaitAsync(HeldCall.Patience);

            var advance = Task.Run(() => clock.Advance(Deadline));
            Parallel.For(0, calls.Length, index => calls[index].Answer(index));
            await run.WaitAsync(HeldCall.Patience);
            await advance;

            Assert.All(parts, (part, index) => Assert.Equal(part.IsDegraded ? -1 : index, part.Value));
            Assert.Equal(parts.Where(part => part.State == ScatterPartState.Fallback).Select(part => part.Name), gather.Degraded);
        }
    }

    // Both spin until the other is there.
    private Task RaceAsync(Action one, Action other)
    {
        var there = 0;
        var handicap = _handicap;
        var started = Task.Run(() => Run(one, handicap));
        Run(other, -handicap);
        return started;

        void Run(Action act, int late)
        {
            Interlocked.Increment(ref there);
            for (var spins = 0; Volatile.Read(ref there) < 2; spins++)
            {
                // Who yields comes back too late for the race, and who never does wastes the time of a busy machine.
                if (spins > 2_000)
                {
                    Thread.Yield();
                }
            }

            if (late > 0)
            {
                Thread.SpinWait(late);
            }

            act();
        }
    }

    /// <summary>Whoever won starts a little later the next time, so that the two stay neck and neck on any machine.</summary>
    private void Handicap(bool first)
    {
        _step = first == _hasWon ? Math.Min(2 * _step, 1_000) : 1;
        _hasWon = first;
        _handicap += first ? _step : -_step;
        _firsts += first ? 1 : 0;
    }

    private void AssertBothWays() => Assert.InRange(_firsts, 1, _rounds - 1);

    // On a busy machine a round can take as long as it takes to be given both cores: enough is enough.
    private bool HasAnotherRound() => _rounds++ < Fewest || (_rounds <= Rounds && Stopwatch.GetElapsedTime(_began) < Enough);


    /// <summary>What follows from its answer happens in <see cref="Answer"/>, on that thread.</summary>
    private sealed class Call
    {
        private readonly TaskCompletionSource<int> _answer = new();
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task;

        public Task Ended => _ended.Task;

        public void Answer(int value) => _answer.SetResult(value);

        public async ValueTask<int> AnswerAsync(CancellationToken cancellationToken)
        {
            // The answer is awaited before anybody may give it: another thread would carry on otherwise.
            var answer = WaitAsync();
            _started.SetResult();
            return await answer;
        }

        private async Task<int> WaitAsync()
        {
            var value = await _answer.Task.ConfigureAwait(false);
            _ended.SetResult();
            return value;
        }
    }
}
