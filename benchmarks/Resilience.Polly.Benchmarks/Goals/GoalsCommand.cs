namespace Resilience.Polly.Benchmarks;

/// <summary>Measures the goals and the other calls in alternating rounds, prints the results, and keeps them for the page.</summary>
internal static class GoalsCommand
{
    public static async Task RunAsync(Arguments arguments)
    {
        var plan = arguments.Plan;
        var goals = new List<GoalTable>();
        foreach (var (_, measure) in Goals.All.Where(goal => Includes(goal.Key)))
        {
            goals.Add(await measure(plan));
            await PrintAsync(goals[^1].Title, Tables.Of(goals[^1]));
        }

        IReadOnlyList<OtherRow> others = [];
        if (Includes(Others.Key))
        {
            others = await Others.MeasureAsync(plan).ToListAsync();
            await PrintAsync("Other calls", Tables.Of(others));
        }

        if (arguments.Only is null) // one goal makes no page
        {
            new Measured(DateOnly.FromDateTime(DateTime.UtcNow), plan.Name, plan.Rounds, Machine.Describe(), goals, others).Write(arguments.Results);
        }

        bool Includes(string key) => arguments.Only is null || arguments.Only == key;
    }

    private static Task PrintAsync(string title, IEnumerable<string> table) => Console.Out.WriteLineAsync($"{title}\n{string.Join('\n', table)}\n");
}
