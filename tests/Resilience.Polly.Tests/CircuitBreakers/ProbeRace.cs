using System.Runtime.ExceptionServices;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>
/// Threads that call one half-open circuit at the same moment, round after round. They are threads of their own, not tasks:
/// the thread pool of a small machine would run them one after another.
/// </summary>
internal sealed class ProbeRace(int rounds)
{
    public const int Callers = 64;

    private Exception? _fault;

    /// <param name="prepare">Before each round, alone.</param>
    /// <param name="call">By every thread at once: the number of the round, and of the thread.</param>
    /// <param name="check">After each round, alone.</param>
    public void Run(Action<int> prepare, Action<int, int> call, Action<int> check)
    {
        // Counts one phase before each round and one after it; whatever happens in between, every thread comes to both.
        using var barrier = new Barrier(Callers, b =>
        {
            var round = (int)(b.CurrentPhaseNumber / 2);
            Guard(() =>
            {
                if (b.CurrentPhaseNumber % 2 == 0)
                {
                    prepare(round);
                }
                else
                {
                    check(round);
                }
            });
        });

        var threads = Enumerable.Range(0, Callers).Select(caller => new Thread(() =>
        {
            for (var round = 0; round < rounds; round++)
            {
                barrier.SignalAndWait();
                Guard(() => call(round, caller));
                barrier.SignalAndWait();
                if (Volatile.Read(ref _fault) is not null)
                {
                    return; // all threads see it after the same phase, and leave together
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (_fault is not null)
        {
            ExceptionDispatchInfo.Throw(_fault);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // thrown again on the thread of the test; here it would end the process
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _fault, exception, null);
        }
    }
}
