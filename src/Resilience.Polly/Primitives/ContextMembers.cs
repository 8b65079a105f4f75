using System.Runtime.CompilerServices;
using Polly;

namespace Resilience.Polly.Primitives;

/// <summary>Members of Polly's context that Polly keeps to itself (decisions 28 and 34). A later Polly may have renamed them.</summary>
internal static class ContextMembers
{
    /// <summary>Whether the context carries another token when it is given one.</summary>
    public static readonly bool CanSetToken = Has(static context => SetToken(context, context.CancellationToken));

    private static readonly bool CanAskSynchronous = Has(static context => AskSynchronous(context));

    /// <summary>Tells calls by <c>Execute</c>, whose delegate belongs on the caller's thread, from others. Without the member every call waits as an asynchronous one does.</summary>
    public static bool IsSynchronous(this ResilienceContext context) => CanAskSynchronous && AskSynchronous(context);

    /// <summary>Gives the context another token, as Polly's timeout does. Only where <see cref="CanSetToken"/> says so.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_CancellationToken")]
    public static extern void SetToken(this ResilienceContext context, CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsSynchronous")]
    private static extern bool AskSynchronous(ResilienceContext context);

    private static bool Has(Action<ResilienceContext> use)
    {
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            use(context);
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
