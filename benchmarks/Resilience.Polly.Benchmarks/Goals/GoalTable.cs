namespace Resilience.Polly.Benchmarks;

/// <summary>A goal of the design, and how well it is met.</summary>
/// <param name="Key">Names it on the command line and in <see cref="Floors"/>.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Text">What is measured, and the rival.</param>
/// <param name="Rows">One for each figure of the goal.</param>
internal sealed record GoalTable(string Key, string Title, string Text, IReadOnlyList<GoalRow> Rows);
