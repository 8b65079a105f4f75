using System.Text.Json;

namespace Resilience.Polly.Benchmarks;

/// <summary>All data of the page.</summary>
internal sealed record Measured(DateOnly Date, string Form, int Rounds, string Machine, IReadOnlyList<GoalTable> Goals, IReadOnlyList<OtherRow> Others)
{
    private const string FileName = "goals.json";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));
    }

    public static Measured Read(string folder) =>
        JsonSerializer.Deserialize<Measured>(File.ReadAllText(Path.Combine(folder, FileName)), Json)
        ?? throw new InvalidDataException($"{FileName} holds no measurements.");
}
