using System.Net.Http.Headers;

namespace Resilience.Polly.Http.Contents;

internal static class HeaderCopy
{
    private const string Length = "Content-Length";

    /// <summary>Copies headers unchanged, without parsing them.</summary>
    public static void Copy(HttpHeaders source, HttpHeaders target)
    {
        foreach (var (name, values) in source.NonValidated)
        {
            Copy(name, values, target);
        }
    }

    /// <summary>
    /// Copies the headers of a body to its wrapper. A known length is copied as a number, since text would be parsed again.
    /// An unknown one is not copied: a content that was set to "no length" has none even after it is buffered.
    /// </summary>
    public static void Copy(HttpContent source, HttpContent target)
    {
        var length = source.Headers.ContentLength;
        foreach (var (name, values) in source.Headers.NonValidated)
        {
            if (length is not null && name.Equals(Length, StringComparison.OrdinalIgnoreCase))
            {
                target.Headers.ContentLength = length; // in its place among the others
            }
            else
            {
                Copy(name, values, target.Headers);
            }
        }
    }

    private static void Copy(string name, HeaderStringValues values, HttpHeaders target)
    {
        if (values.Count == 1)
        {
            target.TryAddWithoutValidation(name, values.ToString());
        }
        else
        {
            target.TryAddWithoutValidation(name, values);
        }
    }
}
