using System.Runtime.CompilerServices;

namespace Resilience.Polly.Http.Requests;

/// <summary>Looks whether anybody has put options on a message. Asking the message itself makes a dictionary, and hardly any message has options.</summary>
internal static class MessageOptions
{
    private static readonly bool CanLook = FieldIsThere();

    public static bool MayHave(HttpRequestMessage message) => !CanLook || Field(message) is not null;

    private static bool FieldIsThere()
    {
        try
        {
            using var message = new HttpRequestMessage();
            return Field(message) is null;
        }
        catch (MissingFieldException)
        {
            return false; // another .NET keeps them elsewhere
        }
    }

    // A canary test watches over the field.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
    private static extern ref HttpRequestOptions? Field(HttpRequestMessage message);
}
