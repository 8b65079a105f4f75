namespace Resilience.Polly.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Name">As the page calls it.</param>
/// <param name="Rounds">Rounds that count.</param>
/// <param name="Round">What a contender gets in each of them.</param>
/// <param name="WarmUp">What a contender gets before the first.</param>
/// <param name="Repetitions">How often what is not measured in rounds is repeated.</param>
internal sealed record Plan(string Name, int Rounds, TimeSpan Round, TimeSpan WarmUp, int Repetitions)
{
    public static Plan Short { get; } = new("short", 31, TimeSpan.FromMilliseconds(15), TimeSpan.FromSeconds(0.8), 3);

    public static Plan Full { get; } = new("full", 151, TimeSpan.FromMilliseconds(40), TimeSpan.FromSeconds(2), 9);
}
