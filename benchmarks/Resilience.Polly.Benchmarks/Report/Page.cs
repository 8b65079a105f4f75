namespace Resilience.Polly.Benchmarks;

/// <summary>The page on speed. All of it is written here, so that no number is copied by hand.</summary>
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
            "What a call through a pipeline costs, beside the same call through what one would use instead. This page is written by the program that measures:",
            "",
            "```sh",
            $"benchmarks/run{(measured.Form == Plan.Short.Name ? "" : $" --{measured.Form}")}",
            "```",
            "",
            $"Written on {measured.Date:yyyy-MM-dd}, {measured.Form} form, {measured.Rounds} rounds. {measured.Machine}.",
            "",
            $"{rows.Count(row => row.IsMet)} of {rows.Count} figures meet their goal.",
            "",
            "Contenders run in one process and in turn, a short round of each, again and again. A ratio is that of one round, ours to the rival's, so that a machine whose speed changes from second to second",
            "slows both alike; shown are the median of all rounds and the range in which the middle half of them lies. Times and bytes are medians too; they depend on the machine, and ratios much less.",
            "Ours is a named pipeline with its defaults. The rival, where nothing else is said, is one pipeline of Polly's own concurrency limiter, circuit breaker, retry and timeout, in that order.",
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
        "No goal is set for these. A call that is retried has no waits; a full bulkhead has one slot, and callers that queue for it or are refused at once;",
        "Polly's limiter writes the stack of the caller, with files and lines, into its rejection, which is nearly all that it takes.",
        "",
        .. Tables.Of(others),
        "",
    ];

    private static IEnumerable<string> Soak(SoakResult? soak) => soak is null ? [] :
    [
        "## Soak",
        "",
        $"{soak.Workers} workers for {soak.Duration:c}, ours and Polly's in alternating rounds in one process: successes, failures, retries, timeouts, cancellations, open circuits and rejections, mixed at random.",
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
