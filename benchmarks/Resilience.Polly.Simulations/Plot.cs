using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Resilience.Polly.Simulations;

/// <summary>Writes a picture into docs/images.</summary>
internal static class Plot
{
    // Told apart without colour too: by their dashes.
    private static readonly (OxyColor Color, LineStyle Style)[] Looks =
    [
        (OxyColor.FromRgb(0x9A, 0x67, 0x00), LineStyle.Dot),
        (OxyColor.FromRgb(0xB4, 0x23, 0x18), LineStyle.Dash),
        (OxyColor.FromRgb(0x53, 0x38, 0x9E), LineStyle.DashDot),
        (OxyColor.FromRgb(0x17, 0x5C, 0xD3), LineStyle.Solid),
        (OxyColor.FromRgb(0x66, 0x70, 0x85), LineStyle.LongDash),
    ];

    public static void Write(string name, string title, string unit, int seconds, IReadOnlyList<Line> lines)
    {
        var model = new PlotModel { Title = title, TitleFontSize = 15, Background = OxyColors.White, DefaultFont = "Arial, Helvetica, sans-serif", Padding = new OxyThickness(16) };
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "seconds", Minimum = 0, Maximum = seconds, MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = unit, AxisTitleDistance = 16, Minimum = 0, MajorGridlineStyle = LineStyle.Dot });
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendLineSpacing = 6 });
        foreach (var (number, line) in lines.Index())
        {
            // The spaces: text is measured by a narrower font than some viewers have, and cut off where it was thought to end.
            var series = new LineSeries { Title = line.Name.PadRight(line.Name.Length + 16, '\u00A0'), Color = Looks[number].Color, LineStyle = Looks[number].Style, StrokeThickness = 2 };
            series.Points.AddRange(Enumerable.Range(0, seconds).Select(second => new DataPoint(second, line.At(second))));
            model.Series.Add(series);
        }

        var file = Path.Combine(ImagesFolder(), $"{name}.svg");
        File.WriteAllText(file, new SvgExporter { Width = 1_000, Height = 420 }.ExportToString(model).ReplaceLineEndings("\n"));
    }

    private static string ImagesFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Resilience.Polly.sln")))
        {
            folder = folder.Parent;
        }

        var images = Path.Combine(folder?.FullName ?? Directory.GetCurrentDirectory(), "docs", "images");
        Directory.CreateDirectory(images);
        return images;
    }
}

/// <param name="Name">What is shown in the legend.</param>
/// <param name="At">The value in a second.</param>
internal sealed record Line(string Name, Func<int, double> At);
