using System.Net.Http.Headers;

namespace Resilience.Polly.Http;

internal static class HeaderCopy
{
    /// <summary>Copies headers as they were given, without parsing them.</summary>
    public static void Copy(HttpHeaders source, HttpHeaders target)
    {
        foreach (var (name, values) in source.NonValidated)
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
}
