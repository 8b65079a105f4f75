using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Spectre.Console;

namespace Storefront;

/// <summary>
/// Tells what happens, as it happens. Turning points have a line of their own; what happens by the dozen is told
/// when it happens for the first time, and after that counted by the second.
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

    /// <summary>A turning point.</summary>
    public void Say(string who, string what, string style = "default") => Post(who, what, TimelineKind.Line, style: style);

    /// <summary>One of many.</summary>
    /// <param name="who">Who did it, or whom it happened to.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="firstTime">What is said, beside being counted, when it is counted for the first time.</param>
    public void Count(string who, string what, string? firstTime = null) => Post(who, what, TimelineKind.Count, firstTime);

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        Post("", "", TimelineKind.Second);
        _entries.Writer.TryComplete();
        await _writing;
    }

    // Listeners are called by the calls themselves, which must not wait for a slow console.
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

    // A grid, so that what does not fit goes on below itself and not at the edge.
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
