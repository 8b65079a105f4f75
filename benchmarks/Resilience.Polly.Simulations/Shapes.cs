using Microsoft.Extensions.DependencyInjection;
using Polly.Registry;

namespace Resilience.Polly.Simulations;

/// <summary>Overload in the shapes that services meet, by policy of the bulkhead.</summary>
public static class Shapes
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Shape Six = new() { Workers = 6, Slots = 43, Rate = 30, RateLater = 120, CallerHasDeadline = true };

    private static readonly Shape Thirty = new() { CallerHasDeadline = true };

    public static Shape CallerDeadline { get; } = Six with { Name = "86 slots for 6 workers", Slots = 86 };

    public static Shape HalfTheSlots { get; } = Six with { Name = "43 slots for 6 workers" };

    public static Shape Exponential { get; } = Six with { Name = "exponential service times", Times = ServiceTimes.Exponential };

    public static Shape HeavyTail { get; } = Six with { Name = "heavy tail", Times = ServiceTimes.HeavyTail };

    public static Shape FromTheStart { get; } = Six with { Name = "overload from the first call on", Begins = 0 };

    public static Shape TenClients { get; } = Thirty with { Name = "ten clients, 20 slots each", Clients = 10 };

    public static Shape BrownOut { get; } = Thirty with { Name = "8 of 30 workers are left", Rate = 200, RateLater = 200, WorkersLater = 8 };

    public static Shape SlowerForGood { get; } = Thirty with { Name = "workers need 375 ms for good", Rate = 200, RateLater = 200, ServiceLater = TimeSpan.FromMilliseconds(375) };

    public static Shape LongAttempts { get; } = new()
    {
        Name = "attempts of 2 s, windows of 1 s", Workers = 60, Service = TimeSpan.FromSeconds(2), Rate = 15, RateLater = 60,
        Deadline = TimeSpan.FromSeconds(10), CallerHasDeadline = true, Slots = 400, Seconds = 300,
    };

    public static Shape LowTraffic { get; } = Six with { Name = "low traffic, 1 worker", Workers = 1, Rate = 4, RateLater = 20, Slots = 20, Seconds = 300 };

    public static Shape ShortDeadline { get; } = Six with { Name = "deadline of 200 ms", Deadline = TimeSpan.FromMilliseconds(200) };

    public static Shape LeavingEarly { get; } = Thirty with
    {
        Name = "no overload, 40 % leave early", RateLater = 150, Leaving = 0.4, LeavingWithin = TimeSpan.FromMilliseconds(80),
    };

    public static Shape LongAttemptsFromTheStart { get; } = new()
    {
        Name = "ten clients start in overload, attempts of 1.5 s", Workers = 19, Service = TimeSpan.FromSeconds(1.5), Rate = 25, RateLater = 25, Clients = 10, Slots = 37,
        Deadline = TimeSpan.FromSeconds(16), CallerHasDeadline = true, MinLimit = 1, Begins = 0,
    };

    public static IReadOnlyList<Shape> Cases { get; } =
    [
        CallerDeadline, HalfTheSlots, Exponential, HeavyTail, FromTheStart, TenClients, BrownOut, SlowerForGood, LongAttempts, LongAttemptsFromTheStart, LowTraffic, ShortDeadline, LeavingEarly,
    ];

    public static ShapeResult Run(Shape shape, AdaptivePolicy policy, int seed)
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        var station = new Station(time, random, shape.Workers, shape.Service) { Times = shape.Times };
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        var builder = services.AddResilience();
        for (var client = 0; client < shape.Clients; client++)
        {
            builder.AddPipeline(NameOf(client), options => Configure(options, shape, policy));
        }

        using var provider = services.BuildServiceProvider();
        var pipelines = provider.GetRequiredService<ResiliencePipelineProvider<string>>();
        var begins = TimeSpan.FromSeconds(shape.Begins);
        Traffic[] traffic = [.. Enumerable.Range(0, shape.Clients).Select(client => new Traffic(
            time, random, now => (now < begins ? shape.Rate : shape.RateLater) / shape.Clients, pipelines.GetPipeline(NameOf(client)), station.ServeAsync)
        {
            Deadline = source => PatienceOf(shape, source),
        })];
        time.After(begins, () => (station.Workers, station.Service) = (shape.WorkersLater ?? shape.Workers, shape.ServiceLater ?? shape.Service));
        Array.ForEach(traffic, one => one.Begin());
        var end = shape.Begins + shape.Seconds;
        var monitor = provider.GetRequiredService<IResilienceMonitor>();
        var limits = new List<int>();
        for (var second = 1; second <= end; second++)
        {
            time.RunUntil(second * Second);
            limits.Add(Enumerable.Range(0, shape.Clients).Sum(client => monitor.GetSnapshot(NameOf(client)).Bulkhead.Limit));
        }

        int[] answered = [.. Enumerable.Range(0, end).Select(second => traffic.Sum(one => one.Answered.Of(second)))];
        var half = shape.Begins + (shape.Seconds / 2);
        return new(
            answered,
            limits,
            answered[shape.Begins..].Sum() / (shape.Possible * shape.Seconds),
            answered[half..].Sum() / (shape.Possible * (end - half)));
    }

    private static string NameOf(int client) => $"client {client}";

    private static TimeSpan PatienceOf(Shape shape, Random random) =>
        shape.Leaving > 0 && random.NextDouble() < shape.Leaving ? shape.LeavingWithin * random.NextDouble()
        : shape.CallerHasDeadline ? shape.Deadline
        : Timeout.InfiniteTimeSpan;

    private static void Configure(PipelineOptions options, Shape shape, AdaptivePolicy policy)
    {
        // The limit alone: no retry and no circuit that would hide it.
        (options.Retry.MaxAttempts, options.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
        options.Timeout.Attempt = shape.CallerHasDeadline ? TimeSpan.FromSeconds(30) : shape.Deadline;
        var bulkhead = options.Bulkhead;
        (bulkhead.MaxConcurrency, bulkhead.AcquisitionTimeout) = (shape.Slots, TimeSpan.Zero);
        bulkhead.Adaptive.Policy = policy;
        bulkhead.Adaptive.MinLimit = shape.MinLimit;
        bulkhead.Adaptive.MaxLimit = Math.Max(bulkhead.Adaptive.MaxLimit, shape.Slots);
    }
}

/// <param name="Answered">Good calls by second.</param>
/// <param name="Limits">The slots of all clients at the end of each second.</param>
/// <param name="Share">Good calls from the moment it began, of those that were possible.</param>
/// <param name="SecondHalf">The same of the second half of that time.</param>
public sealed record ShapeResult(IReadOnlyList<int> Answered, IReadOnlyList<int> Limits, double Share, double SecondHalf);
