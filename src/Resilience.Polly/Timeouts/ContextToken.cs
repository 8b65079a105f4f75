using System.Runtime.CompilerServices;
using Polly;

namespace Resilience.Polly.Timeouts;

/// <summary>Gives a context another token, as Polly's timeout does.</summary>
/// <remarks>Polly keeps the setter to itself (decision 34).</remarks>
internal static class ContextToken
{
    /// <summary>Whether it can. Otherwise, or where the application asks for it by this switch, Polly's own timeout strategy limits attempts and calls.</summary>
    public static readonly bool CanBeSet = !(AppContext.TryGetSwitch("Resilience.Polly.UsePollyTimeout", out var isOn) && isOn) && IsThere();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_CancellationToken")]
    public static extern void Set(ResilienceContext context, CancellationToken token);

    // A later Polly may have renamed it.
    private static bool IsThere()
    {
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            Set(context, context.CancellationToken);
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
