using Microsoft.Extensions.Time.Testing;

namespace Resilience.Polly.Tests.Degradation;

/// <summary>Two threads, one moment: whoever is first decides, and the other changes nothing.</summary>
public class ScatterGatherRaceTests
{
    private const int Rounds = 2_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task RunAsync_answer_against_deadline_one_of_them_wins_and_it_stays_so()
    {
        var answered = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = new FakeTimeProvider();
            var gather = new ScatterGather(clock);
            var call = new Call();
            var part = gather.Add("part", call.AnswerAsync, 7);
            var run = gather.RunAsync(Deadline);
            await call.Started.WaitAsync(HeldCall.Patience);

            var race = RaceAsync(round, () => call.Answer(1), () => clock.Advance(Deadline));
            await run.WaitAsync(HeldCall.Patience);
            var (state, value, failure) = (part.State, part.Value, part.Failure);
            await race;
            await call.Ended.WaitAsync(HeldCall.Patience);

            Assert.Equal((state, value), (part.State, part.Value));
            Assert.Same(failure, part.Failure);
            Assert.Equal(state == ScatterPartState.Answered ? (1, true) : (7, false), (value, failure is null));
            Assert.Equal(state == ScatterPartState.Answered ? [] : ["part"], gather.Degraded);
            answered += state == ScatterPartState.Answered ? 1 : 0;
        }

        AssertBothWays(answered);
    }

    [Fact]
    public async Task RunAsync_fallback_against_the_end_of_the_grace_one_of_them_wins_and_it_stays_so()
    {
        var inTime = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = new FakeTimeProvider();
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
            var race = RaceAsync(round, () => fallback.Answer(7), () => clock.Advance(gather.FallbackGrace));
            await run.WaitAsync(HeldCall.Patience);
            var state = part.State;
            await race;
            await fallback.Ended.WaitAsync(HeldCall.Patience);

            Assert.Equal((state, state == ScatterPartState.Fallback), (part.State, part.HasValue));
            Assert.Contains(state, new[] { ScatterPartState.Fallback, ScatterPartState.Missing });
            Assert.Equal(ScatterPartState.Missing, straggler.State);
            inTime += state == ScatterPartState.Fallback ? 1 : 0;
        }

        AssertBothWays(inTime);
    }

    [Fact]
    public async Task RunAsync_cancellation_against_deadline_throws_or_answers_and_every_part_has_its_end()
    {
        var cancelled = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = new FakeTimeProvider();
            using var caller = new CancellationTokenSource();
            var gather = new ScatterGather(clock);
            var call = new Call();
            var part = gather.Add("part", call.AnswerAsync, 7);
            var run = gather.RunAsync(Deadline, caller.Token);
            await call.Started.WaitAsync(HeldCall.Patience);

            var race = RaceAsync(round, caller.Cancel, () => clock.Advance(Deadline));
            try
            {
                await run.WaitAsync(HeldCall.Patience);
                Assert.Equal((ScatterPartState.Fallback, 7), (part.State, part.Value));
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(caller.Token, exception.CancellationToken);
                Assert.Contains(part.State, new[] { ScatterPartState.Fallback, ScatterPartState.Missing });
                cancelled++;
            }

            await race;
            call.Answer(1);
            Assert.NotEqual(ScatterPartState.Answered, part.State);
            Assert.Equal(["part"], gather.Degraded);
        }

        AssertBothWays(cancelled);
    }

    [Fact]
    public async Task RunAsync_many_parts_end_at_once_each_is_counted_once()
    {
        for (var round = 0; round < 300; round++)
        {
            var clock = new FakeTimeProvider();
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

    // Which of the two is a little late differs from round to round, so that each wins now and then on any machine.
    private static async Task RaceAsync(int round, Action one, Action other)
    {
        using var start = new Barrier(2);
        var late = new Random(round).Next(-400, 400);
        Task Runner(Action act, int spins) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                Thread.SpinWait(Math.Max(1, spins));
                act();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Task.WhenAll(Runner(one, late), Runner(other, -late));
    }

    private static void AssertBothWays(int first) => Assert.InRange(first, 1, Rounds - 1);

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
