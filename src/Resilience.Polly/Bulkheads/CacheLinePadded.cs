using System.Runtime.InteropServices;

namespace Resilience.Polly.Bulkheads;

/// <summary>A word that threads write all the time, on its own cache line. Otherwise each call would have to fetch its neighbours again.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct CacheLinePadded
{
    [FieldOffset(56)]
    public long Word;
}
