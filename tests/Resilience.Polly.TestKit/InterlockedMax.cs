namespace Resilience.Polly.TestKit;

/// <summary>The highest of the values that many threads report.</summary>
public static class InterlockedMax
{
    public static void Set(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref most, value, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
