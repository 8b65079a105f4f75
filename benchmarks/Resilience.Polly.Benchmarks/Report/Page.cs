namespace Resilience.Polly.Benchmarks;

/// <summary>The page on speed. All of its text is here, so no number is copied by hand.</summary>
internal static class Page
{
    public static string Of(Measured measured, SoakResult? soak) =>
        string.Join('\n', [.. Introduction(measured), .. measured.Goals.SelectMany(Goal), .. Others(measured.Others), .. Soak(soak), ""]);

    private static IEnumerable<string> Introduction(Measured measured)
    {
        var rows = measured.Goals.SelectMany(goal => goal.Rows).ToList();
        return
        [
            "# Benchmarks",
            "",
            "What a call through a pipeline costs, compared with the same call through an alternative. The program that measures also writes this page:",
            "",
            "```sh",
            $"benchmarks/run{(measured.Form == Plan.Short.Name ? "" : $" --{measured.Form}")}",
            "```",
            "",
            $"Written on {measured.Date:yyyy-MM-dd}, {measured.Form} form, {measured.Rounds} rounds. {measured.Machine}.",
            "",
            $"{rows.Count(row => row.IsMet)} of {rows.Count} figures meet their goal.",
            "",
            "Both contenders run in one process, in alternating short rounds. Each round gives a ratio, ours to the rival's, so a machine whose speed changes from second to second slows both alike.",
            "The tables show the median of all rounds and the range of their middle half. Times and bytes are medians too. They depend on the machine, and ratios much less.",
            "Ours is a named pipeline with its defaults. Unless a section says otherwise, the rival is one pipeline of Polly's own concurrency limiter, circuit breaker, retry and timeout, in that order.",
            "",
            "For distributions: `dotnet run -c Release --project benchmarks/Resilience.Polly.Benchmarks -- --filter '*'` runs the same calls in BenchmarkDotNet.",
            "",
        ];
    }

    private static IEnumerable<string> Goal(GoalTable goal)
    {
        var missed = goal.Rows.Where(row => !row.IsMet).ToList();
        return
        [
            $"## {goal.Title}",
            "",
            goal.Text,
            "",
            .. Tables.Of(goal),
            "",
            .. missed.Count == 0 ? [] : (string[])[$"Missed: {string.Join("; ", missed.Select(row => $"{row.Name} by {row.MissedBy}"))}.{Floor(goal.Key)}", ""],
        ];
    }

    private static string Floor(string key) => Floors.Why.TryGetValue(key, out var why) ? $" {why}" : "";

    private static IEnumerable<string> Others(IEnumerable<OtherRow> others) =>
    [
        "## Other calls",
        "",
        "These have no goal. Retries have no waits. The bulkhead has one slot; callers wait for it, or are rejected at once if it is full.",
        "Polly's limiter writes the caller's stack, with files and lines, into its rejection. That takes nearly all of its time.",
        "",
        .. Tables.Of(others),
        "",
    ];

    private static IEnumerable<string> Soak(SoakResult? soak) => soak is null ? [] :
    [
        "## Soak",
        "",
        $"{soak.Workers} workers for {soak.Duration:c}, ours and Polly's in alternating rounds in one process. Successes, failures, retries, timeouts, cancellations, open circuits and rejections are mixed at random.",
        "",
        "| contestant | calls | calls per second | allocated per call | collections of generation 0, 1, 2 |",
        "| --- | --- | --- | --- | --- |",
        .. soak.Contestants.Select(contestant =>
            $"| {contestant.Name} | {contestant.Calls:#,0} | {contestant.CallsPerSecond:#,0} | {contestant.BytesPerCall:#,0} B | {string.Join(", ", contestant.Collections)} |"),
        "",
        "| what must not grow | before | after | does it? |",
        "| --- | --- | --- | --- |",
        .. soak.Checks.Select(check => $"| {check.Name} | {check.Before:#,0} | {check.After:#,0} | {(check.IsFine ? "no" : "yes")} |"),
        "",
    ];
}
