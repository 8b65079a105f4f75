using System.Runtime.InteropServices;

namespace Resilience.Polly.Bulkheads;

/// <summary>A word that threads write all the time, on a cache line of its own: what stands beside it is read by every call, and would have to be fetched anew each time.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct CacheLinePadded
{
    [FieldOffset(56)]
    public long Word;
}
