namespace Resilience.Polly.Benchmarks;

/// <summary>Measures the goals and all else in alternating rounds, prints, and keeps the results for the page.</summary>
internal static class GoalsCommand
{
    public static async Task RunAsync(Arguments arguments)
    {
        var plan = arguments.Plan;
        if (arguments.Only is { } only)
        {
            await PrintAsync(await Goals.All[only](plan));
            return;
        }

        var goals = new List<GoalTable>();
        foreach (var measure in Goals.All.Values)
        {
            goals.Add(await measure(plan));
            await PrintAsync(goals[^1]);
        }

        var others = await Others.MeasureAsync(plan).ToListAsync();
        await Console.Out.WriteLineAsync(string.Join('\n', Tables.Of(others)));
        new Measured(DateOnly.FromDateTime(DateTime.UtcNow), plan.Name, plan.Rounds, Machine.Describe(), goals, others).Write(arguments.Results);
    }

    private static Task PrintAsync(GoalTable goal) => Console.Out.WriteLineAsync($"{goal.Title}\n{string.Join('\n', Tables.Of(goal))}\n");
}
