namespace Resilience.Polly.Benchmarks;

/// <summary>Writes the page from the measurements.</summary>
internal static class ReportCommand
{
    public static void Run(Arguments arguments) =>
        File.WriteAllText(arguments.Page, Page.Of(Measured.Read(arguments.Results), SoakResult.Read(arguments.Results)));
}
