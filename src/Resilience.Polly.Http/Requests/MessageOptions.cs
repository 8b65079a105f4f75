using System.Runtime.CompilerServices;

namespace Resilience.Polly.Http.Requests;

/// <summary>Whether a message has options. Reading its property would create a dictionary, and hardly any message has options.</summary>
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
            return false; // a later .NET may keep them elsewhere
        }
    }

    // A canary test checks the field.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
    private static extern ref HttpRequestOptions? Field(HttpRequestMessage message);
}
