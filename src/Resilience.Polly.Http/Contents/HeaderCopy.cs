using System.Net.Http.Headers;

namespace Resilience.Polly.Http.Contents;

internal static class HeaderCopy
{
    private const string Length = "Content-Length";

    /// <summary>Copies headers as they were given, without parsing them.</summary>
    public static void Copy(HttpHeaders source, HttpHeaders target)
    {
        foreach (var (name, values) in source.NonValidated)
        {
            Copy(name, values, target);
        }
    }

    /// <summary>
    /// Copies the headers of a body to what is put around it. Its length, if it is known, goes along as a number: text would be parsed again.
    /// One that is not known is left alone: a content that was told "no length" gives none once it is buffered either.
    /// </summary>
    public static void Copy(HttpContent source, HttpContent target)
    {
        var length = source.Headers.ContentLength;
        foreach (var (name, values) in source.Headers.NonValidated)
        {
            if (length is not null && name.Equals(Length, StringComparison.OrdinalIgnoreCase))
            {
                target.Headers.ContentLength = length; // at its place among the others
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
