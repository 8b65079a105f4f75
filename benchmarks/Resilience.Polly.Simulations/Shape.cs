using System.Globalization;

namespace Resilience.Polly.Simulations;

/// <summary>Who asks for what, and what can be served: calls are good when they are answered before their deadline.</summary>
public sealed record Shape
{
    /// <summary>What it shows.</summary>
    public string Name { get; init; } = "";

    /// <summary>Workers of the dependency, and those that are left once it has begun.</summary>
    public int Workers { get; init; } = 30;

    public int? WorkersLater { get; init; }

    /// <summary>What a worker needs for a call on average, and what once it has begun.</summary>
    public TimeSpan Service { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan? ServiceLater { get; init; }

    /// <summary>How much that varies.</summary>
    public ServiceTimes Times { get; init; } = ServiceTimes.Steady;

    /// <summary>Calls a second of all clients together, and those once it has begun.</summary>
    public double Rate { get; init; } = 150;

    public double RateLater { get; init; } = 600;

    /// <summary>Processes that share the dependency and know nothing of each other.</summary>
    public int Clients { get; init; } = 1;

    /// <summary>How long a call may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the caller's token is the deadline, or <c>Timeout:Attempt</c>.</summary>
    public bool CallerHasDeadline { get; init; }

    /// <summary>The configured slots of each client.</summary>
    public int Slots { get; init; } = 20;

    /// <summary>The fewest slots of each client.</summary>
    public int MinLimit { get; init; } = 5;

    /// <summary>Callers that leave for reasons of their own, as a share, and how long those wait at most.</summary>
    public double Leaving { get; init; }

    public TimeSpan LeavingWithin { get; init; }

    /// <summary>How long it goes on, and when it begins.</summary>
    public int Seconds { get; init; } = 120;

    public int Begins { get; init; } = 20;

    /// <summary>Calls a second that can be served in time once it has begun.</summary>
    public double Possible => (1 - Leaving) * Math.Min(RateLater, (WorkersLater ?? Workers) / (ServiceLater ?? Service).TotalSeconds);

    /// <summary>A shape at random: a step to more calls than can be served, with up to twice the slots under which a full line is still served in time.</summary>
    public static Shape Draw(int seed)
    {
        var random = new Random(seed);
        var times = new[] { ServiceTimes.Steady, ServiceTimes.Lognormal, ServiceTimes.Exponential, ServiceTimes.HeavyTail }[random.Next(4)];
        var service = Between(random, 0.02, 2);
        var workers = Math.Max(1, (int)Math.Round(service * Between(random, 10, 60)));
        var capacity = workers / service;
        var deadline = service * Between(random, times == ServiceTimes.Steady ? 2.5 : 5, 12);
        var clients = new[] { 1, 1, 3, 10 }[random.Next(4)];
        clients = workers * deadline / service < 2 * clients ? 1 : clients; // one slot each must not be too many already
        return new()
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"shape of seed {seed}"),
            Workers = workers,
            Service = TimeSpan.FromSeconds(service),
            Times = times,
            Rate = capacity * Between(random, 0.3, 0.7),
            RateLater = capacity * Between(random, 1.2, 3),
            Clients = clients,
            Deadline = TimeSpan.FromSeconds(deadline),
            CallerHasDeadline = random.Next(3) > 0,
            Slots = Math.Max(1, (int)(workers * Between(random, 1, 2 * deadline / service) / clients)),
            MinLimit = 1,
            Seconds = 120,
        };
    }

    // As many small ones as large ones.
    private static double Between(Random random, double least, double most) => least * Math.Pow(most / least, random.NextDouble());

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {Rate:0} then {RateLater:0} calls/s of {Clients} client(s) with {Slots} slots, {Workers} then {WorkersLater ?? Workers} workers of {Service.TotalMilliseconds:0} then {(ServiceLater ?? Service).TotalMilliseconds:0} ms ({Times.Name}), deadline {Deadline.TotalMilliseconds:0} ms of {(CallerHasDeadline ? "the caller" : "the attempt")}");
}
