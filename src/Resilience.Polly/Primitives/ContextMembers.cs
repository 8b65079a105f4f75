using System.Runtime.CompilerServices;
using Polly;

namespace Resilience.Polly.Primitives;

/// <summary>Internal members of Polly's context (decisions 28 and 34). A later Polly may have renamed them.</summary>
internal static class ContextMembers
{
    /// <summary>Whether the token of the context can be replaced.</summary>
    public static readonly bool CanSetToken = Has(static context => SetToken(context, context.CancellationToken));

    private static readonly bool CanAskSynchronous = Has(static context => AskSynchronous(context));

    /// <summary>Whether the call came by <c>Execute</c>, whose delegate must run on the caller's thread. Without the member every call waits as an asynchronous one does.</summary>
    public static bool IsSynchronous(this ResilienceContext context) => CanAskSynchronous && AskSynchronous(context);

    /// <summary>Replaces the token of the context, as Polly's timeout does. Call it only if <see cref="CanSetToken"/> is true.</summary>
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
