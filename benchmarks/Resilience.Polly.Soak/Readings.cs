namespace Resilience.Polly.Soak;

/// <summary>What must not grow, read while nothing runs.</summary>
internal sealed record Readings(int Slots, long Timers, long Memory)
{
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(200);

    public static async Task<Readings> TakeAsync(Ours ours)
    {
        await Task.Delay(Calm); // for what ends after its caller has gone on: timers that are given back, listeners that are told
        return new(ours.Slots, Timer.ActiveCount, GC.GetTotalMemory(forceFullCollection: true));
    }
}
