namespace Resilience.Polly.Benchmarks;

/// <summary>The page on speed. All of it is written here, so that no number is copied by hand.</summary>
internal static class Page
{
    public static string Of(Measured measured) => string.Join('\n', Lines(measured));
    private static IEnumerable<string> Lines(Measured measured) { yield return measured.Form; }
}
