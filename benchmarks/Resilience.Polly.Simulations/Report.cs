using System.Globalization;
using Spectre.Console;

namespace Resilience.Polly.Simulations;

/// <summary>Runs the simulations, prints a table of each, and draws what is better seen.</summary>
internal sealed class Report(IAnsiConsole console, IReadOnlyList<int> seeds)
{
    public void Outages()
    {
        foreach (var kind in new[] { Station.Health.Down, Station.Health.Hung })
        {
            var table = Table($"Outage of {Outage.Away} s, dependency {(kind == Station.Health.Down ? "refuses connections" : "hangs")}", "pipeline", "attempts per call", "attempts", "most in a second after it", "full service after");
            var first = new List<OutageResult>();
            foreach (var contestant in Outage.Contestants)
            {
                OutageResult[] runs = [.. seeds.Select(seed => Outage.Run(contestant, kind, seed))];
                first.Add(runs[0]);
                table.AddRow(
                    contestant,
                    Worst(runs.Max(run => run.AttemptsPerCall), "0.00"),
                    Worst(runs.Max(run => run.Attempts.Sum(Outage.Healthy, Outage.Healthy + Outage.Away)), "0"),
                    Worst(runs.Max(run => run.MostAfter), "0"),
                    runs.Any(run => run.FullServiceAfter is null) ? "not in a minute" : $"{runs.Max(run => run.FullServiceAfter)} s");
            }

            console.Write(table);
            if (kind == Station.Health.Down)
            {
                Plot.Write("simulation-outage", "Attempts at a dependency that is away from 20 s to 80 s", "attempts per second", Outage.Healthy + Outage.Away + Outage.After, [.. first.Select(run => new Line(run.Contestant, second => run.Attempts.Of(second)))]);
            }
        }
    }

    public void DownInTurns()
    {
        foreach (var turn in Turns.Lengths)
        {
            var table = Table($"Down and well in turns of {turn} s", "circuit", "retries: good of all", "good while it is well", "attempts a minute while down", "one attempt: good of all", "good while it is well", "attempts a minute while down");
            foreach (var contestant in Turns.Contestants)
            {
                table.AddRow([contestant, .. Cells(retries: true), .. Cells(retries: false)]);

                string[] Cells(bool retries)
                {
                    TurnsResult[] runs = [.. seeds.Select(seed => Turns.Run(contestant, turn, retries, seed))];
                    return [Worst(runs.Min(run => run.OfAll), "0 %"), Worst(runs.Min(run => run.WhileWell), "0 %"), Worst(runs.Max(run => run.AttemptsWhileDown), "0")];
                }
            }

            console.Write(table);
        }
    }

    public void Overloads()
    {
        foreach (var (number, what) in Overload.Cases.Index())
        {
            var table = Table($"Overload, {what.Name}", "limit", "good calls of the possible", "in the second half", "limits at the end");
            var first = new List<OverloadResult>();
            foreach (var contestant in Overload.Contestants)
            {
                OverloadResult[] runs = [.. seeds.Select(seed => Overload.Run(what, contestant, seed))];
                first.Add(runs[0]);
                table.AddRow(contestant, Worst(runs.Min(run => run.Share), "0 %"), Worst(runs.Min(run => run.SecondHalf), "0 %"), string.Join(", ", runs.Select(run => run.Limits[^1]).Distinct().Order()));
            }

            console.Write(table);
            if (number < 2)
            {
                Plot.Write(
                    number == 0 ? "simulation-step" : "simulation-brown-out",
                    $"Good calls, {what.Name}",
                    "good calls per second",
                    Overload.Healthy + Overload.Overloaded,
                    [.. first.Select(run => new Line(run.Contestant, second => run.Answered.Of(second))), new Line("possible", second => second < Overload.Healthy ? what.Rate(false) : what.Possible)]);
            }
        }
    }

    public void OtherShapes()
    {
        AdaptivePolicy[] policies = [AdaptivePolicy.Off, AdaptivePolicy.ErrorRate, AdaptivePolicy.Gradient];
        var table = Table("Overload in other shapes, good calls of the possible", "shape", "fixed", "ErrorRate", "Gradient", "Gradient in the second half", "slots at the end");
        foreach (var shape in Shapes.Cases)
        {
            ShapeResult[][] runs = [.. policies.Select(policy => seeds.Select(seed => Shapes.Run(shape, policy, seed)).ToArray())];
            table.AddRow(
            [
                shape.Name,
                .. runs.Select(ofPolicy => Worst(ofPolicy.Min(run => run.Share), "0 %")),
                Worst(runs[^1].Min(run => run.SecondHalf), "0 %"),
                string.Join(" / ", runs.Select(ofPolicy => $"{ofPolicy.Min(run => run.Limits[^1])}-{ofPolicy.Max(run => run.Limits[^1])}")),
            ]);
            if (shape == Shapes.CallerDeadline)
            {
                Plot.Write(
                    "simulation-caller-deadline",
                    "Good calls where the caller's token is the deadline: 86 slots for 6 workers",
                    "good calls per second",
                    shape.Begins + shape.Seconds,
                    [
                        .. policies.Select((policy, number) => new Line(policy == AdaptivePolicy.Off ? "fixed" : $"{policy}", second => runs[number][0].Answered[second])),
                        new Line("possible", second => second < shape.Begins ? shape.Rate : shape.Possible),
                    ]);
            }
        }

        console.Write(table);
    }

    public void DrawnShapes()
    {
        (Shape Shape, double Share)[] runs = [.. Enumerable.Range(1, seeds.Count * 10)
            .Select(Shape.Draw)
            .Select(shape => (shape, Shapes.Run(shape, AdaptivePolicy.Gradient, seed: 1).Share))
            .OrderBy(run => run.Share)];
        var table = Table($"Gradient in {runs.Length} shapes drawn at random", "in", "good calls of the possible, at least");
        table.AddRow("all", Worst(runs[0].Share, "0 %"));
        table.AddRow("nine of ten", Worst(runs[runs.Length / 10].Share, "0 %"));
        table.AddRow("half", Worst(runs[runs.Length / 2].Share, "0 %"));
        console.Write(table);
        console.WriteLine($"The worst: {runs[0].Shape}");
    }

    public void Priorities()
    {
        var table = Table("Load shedding: critical calls that are answered in time", "Share", "slots", "at 1.2 times the capacity", "at 1.5 times", "at twice");
        foreach (var (share, slots) in new (double?, int)[] { (null, 1_000), (null, 20), (0.3, 1_000), (0.3, 20), (0.5, 20), (0.8, 1_000), (0.8, 20) })
        {
            table.AddRow([share is null ? "off" : Worst(share.Value, "0.0"), $"{slots}", .. new[] { 1.2, 1.5, 2 }.Select(load =>
                Worst(seeds.Min(seed => CriticalCalls.Run(load, share, slots, seed).Critical), "0 %"))]);
        }

        console.Write(table);
    }

    public void Isolations()
    {
        var table = Table("Isolation: B hangs beside A and C", "bulkheads", "B", "A p99", "A served", "C p99", "C served");
        foreach (var (isShared, hangs) in new[] { (true, false), (true, true), (false, false), (false, true) })
        {
            IsolationResult[] runs = [.. seeds.Select(seed => Isolation.Run(isShared, hangs, seed))];
            table.AddRow(
                isShared ? "shared" : "separate",
                hangs ? "hangs" : "is well",
                Worst(runs.Max(run => run.A.P99.TotalMilliseconds), "0 ms"),
                Worst(runs.Min(run => run.A.GoodShare), "0 %"),
                Worst(runs.Max(run => run.C.P99.TotalMilliseconds), "0 ms"),
                Worst(runs.Min(run => run.C.GoodShare), "0 %"));
        }

        console.Write(table);
    }

    private static Table Table(string title, params string[] columns)
    {
        var table = new Table { Title = new TableTitle(title), Border = TableBorder.Simple };
        Array.ForEach(columns, column => table.AddColumn(column));
        return table;
    }

    private static string Worst(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
