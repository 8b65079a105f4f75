namespace Resilience.Polly.Benchmarks;

/// <summary>One way to do what is measured.</summary>
/// <param name="Name">As it is called in tables.</param>
/// <param name="InvokeAsync">Does it so many times.</param>
/// <param name="CallsPerInvoke">The calls in one of them.</param>
internal sealed record Contender(string Name, Func<int, ValueTask> InvokeAsync, int CallsPerInvoke = 1)
{
    public static Contender Of(string name, Func<ValueTask<int>> call) => new(name, async times =>
    {
        for (var i = 0; i < times; i++)
        {
            await call();
        }
    });

    public static Contender Of(string name, int callsPerInvoke, Func<Task> batch) => new(
        name,
        async times =>
        {
            for (var i = 0; i < times; i++)
            {
                await batch();
            }
        },
        callsPerInvoke);

    public static Contender Of<T>(string name, int callsPerInvoke, Func<T> batch) => new(
        name,
        times =>
        {
            for (var i = 0; i < times; i++)
            {
                batch();
            }

            return default;
        },
        callsPerInvoke);
}
