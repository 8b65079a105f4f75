using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Spectre.Console;

namespace Storefront;

/// <summary>
/// Prints events as they happen. A turning point has a line of its own. A frequent event has a line when it happens
/// for the first time; after that, the timeline shows a count per second.
/// </summary>
internal sealed class Timeline : IAsyncDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Channel<TimelineEntry> _entries = Channel.CreateUnbounded<TimelineEntry>(new() { SingleReader = true });
    private readonly TimelineTally _tally = new();
    private readonly HashSet<(string Who, string What)> _told = [];
    private readonly IAnsiConsole _console;
    private readonly Timer _second;
    private readonly Task _writing;

    public Timeline(IAnsiConsole console)
    {
        _console = console;
        _writing = WriteAsync();
        _second = new Timer(_ => Post("", "", TimelineKind.Second), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Prints a turning point.</summary>
    public void Say(string who, string what, string style = "default") => Post(who, what, TimelineKind.Line, style: style);

    /// <summary>Counts a frequent event.</summary>
    /// <param name="who">Who did it, or whom it happened to.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="firstTime">The text of the line that the first one gets.</param>
    public void Count(string who, string what, string? firstTime = null) => Post(who, what, TimelineKind.Count, firstTime);

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        Post("", "", TimelineKind.Second);
        _entries.Writer.TryComplete();
        await _writing;
    }

    // Calls must not wait for a slow console.
    private void Post(string who, string what, TimelineKind kind, string? firstTime = null, string style = "default") =>
        _entries.Writer.TryWrite(new(Stopwatch.GetElapsedTime(_start), who, what, kind, firstTime, style));

    private async Task WriteAsync()
    {
        await foreach (var entry in _entries.Reader.ReadAllAsync())
        {
            switch (entry.Kind)
            {
                case TimelineKind.Line:
                    Write(entry.At, entry.Who, entry.What, entry.Style);
                    break;

                case TimelineKind.Count:
                    _tally.Add(entry.Who, entry.What);
                    if (entry.FirstTime is { } news && _told.Add((entry.Who, entry.What)))
                    {
                        Write(entry.At, entry.Who, news, "default");
                    }

                    break;

                default:
                    foreach (var (who, what) in _tally.TakeSecond())
                    {
                        Write(entry.At, who, what, "grey");
                    }

                    break;
            }
        }
    }

    // A grid keeps wrapped text in its own column.
    private void Write(TimeSpan at, string who, string what, string style) =>
        _console.Write(new Grid()
            .AddColumn(new GridColumn().NoWrap().Width(8).PadLeft(0).PadRight(2))
            .AddColumn(new GridColumn().NoWrap().Width(15).PadLeft(0).PadRight(2))
            .AddColumn(new GridColumn().PadLeft(0).PadRight(0))
            .AddRow(
                Markup.FromInterpolated(CultureInfo.InvariantCulture, $"[grey]{at.TotalSeconds,6:0.0} s[/]"),
                new Text(who),
                new Markup(Markup.Escape(what), Style.Parse(style))));
}
