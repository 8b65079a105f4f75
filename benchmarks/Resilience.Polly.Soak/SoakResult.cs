using System.Text.Json;

namespace Resilience.Polly.Benchmarks;

/// <summary>What a soak leaves behind for the page.</summary>
internal sealed record SoakResult(TimeSpan Duration, int Workers, IReadOnlyList<SoakContestant> Contestants, IReadOnlyList<SoakCheck> Checks)
{
    private const string FileName = "soak.json";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));
    }

    /// <returns><see langword="null"/> where there was no soak.</returns>
    public static SoakResult? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) ? JsonSerializer.Deserialize<SoakResult>(File.ReadAllText(file), Json) : null;
    }
}

/// <summary>What a contestant did in all its rounds.</summary>
internal sealed record SoakContestant(string Name, long Calls, double CallsPerSecond, double BytesPerCall, IReadOnlyList<int> Collections);

/// <summary>Something that must not grow: as it was after the first rounds, and at the end.</summary>
internal sealed record SoakCheck(string Name, double Before, double After, double Tolerance)
{
    public bool IsFine => After <= Before + Tolerance;
}
