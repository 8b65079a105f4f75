using System.Runtime.CompilerServices;
using Polly;

namespace Resilience.Polly.Primitives;

/// <summary>Tells synchronous calls from others: those of <c>Execute</c>, whose delegate belongs on the caller's thread.</summary>
/// <remarks>Polly keeps what it knows of it to itself (decision 28).</remarks>
internal static class SynchronousCalls
{
    private static readonly bool IsTold = CanAsk();

    public static bool IsSynchronous(this ResilienceContext context) => IsTold && Ask(context);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsSynchronous")]
    private static extern bool Ask(ResilienceContext context);

    // A later Polly may have renamed it. Calls then wait as asynchronous ones do.
    private static bool CanAsk()
    {
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            Ask(context);
            return true;
        }
        catch (MissingMethodException)
        {
            return false;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
