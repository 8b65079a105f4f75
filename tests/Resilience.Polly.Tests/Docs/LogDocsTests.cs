using System.Reflection;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore;
using Resilience.Polly.Redis;

namespace Resilience.Polly.Tests;

/// <summary>The tables of the log name every event that can be logged, with its level, and no other.</summary>
public class LogDocsTests
{
    public static TheoryData<Assembly, string> Logs => new()
    {
        { typeof(PipelineOptions).Assembly, "docs/monitoring.md" },
        { typeof(DashboardOptions).Assembly, "docs/dashboard.md docs/problem-details.md docs/idempotency.md" },
        { typeof(RedisOptions).Assembly, "docs/shared-state.md" },
    };

    [Theory]
    [MemberData(nameof(Logs))]
    public void Table_has_each_event_with_its_level(Assembly package, string pages)
    {
        var rows = DocsTable.RowsWith("level").Where(row => row.Cells.ContainsKey("when") && pages.Split(' ').Contains(row.Page));
        var told = rows.SelectMany(row => Numbers(row["event"]).Zip(row["level"].Split(',', StringSplitOptions.TrimEntries)));
        Assert.Equal(
            LoggedEvents.Of(package).Select(one => $"{one.Key} {one.Value}").Order(StringComparer.Ordinal),
            told.Select(one => $"{one.First} {one.Second}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Other_tables_tell_events_as_they_are_logged()
    {
        var known = LoggedEvents.Of(typeof(PipelineOptions).Assembly).Select(one => $"{one.Key} {one.Value}").ToHashSet();
        var rows = DocsTable.RowsWith("level").Where(row => row.Cells.ContainsKey("message")).ToArray();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Contains($"{row["event"]} {row["level"]}", known));
    }

    private static IEnumerable<int> Numbers(string cell) => cell.Split(',', StringSplitOptions.TrimEntries).Select(int.Parse);
}

/// <summary>What a package can log, by its <see cref="LoggerMessageAttribute"/>s.</summary>
internal static class LoggedEvents
{
    public static IReadOnlyDictionary<int, LogLevel> Of(Assembly package) =>
        package.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .ToDictionary(message => message.EventId, message => message.Level);
}
