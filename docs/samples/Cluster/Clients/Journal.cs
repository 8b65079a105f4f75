using System.Globalization;
using System.Text;

namespace Cluster;

/// <summary>What a client remembers when it is killed: each order before it is first sent, and each answer.</summary>
internal sealed class Journal : IDisposable
{
    private const string Extension = ".journal";
    private const string Begins = "begins";

    private readonly Lock _gate = new();
    private readonly FileStream _file;

    public Journal(string folder, string client)
    {
        var path = Path.Combine(folder, client + Extension);
        Purchases = File.Exists(path) ? Read(path) : [];
        _file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Write(""); // ends a line that a kill cut off
    }

    /// <summary>What stood in the journal when it was opened.</summary>
    public IReadOnlyList<Purchase> Purchases { get; }

    public static IEnumerable<Purchase> ReadAll(string folder) => Directory.EnumerateFiles(folder, "*" + Extension).Order().SelectMany(Read);

    public void Begin(Order order) => Write(string.Create(CultureInfo.InvariantCulture, $"{order.Id} {Begins} {order.Cents};"));

    public void End(Order order, Ending ending, long number) => Write(string.Create(CultureInfo.InvariantCulture, $"{order.Id} {ending} {number};"));

    public void Dispose() => _file.Dispose();

    private static List<Purchase> Read(string path)
    {
        var purchases = new Dictionary<string, Purchase>();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            // A line that a kill cut off has no end. What it says did not happen: the order was not sent, the answer did not arrive.
            if (!line.EndsWith(';') || line[..^1].Split(' ') is not [var id, var what, var text])
            {
                continue;
            }

            var number = long.Parse(text, CultureInfo.InvariantCulture);
            if (what == Begins)
            {
                purchases[id] = new(new(id, number), Ending.Open, []);
                continue;
            }

            var (purchase, ending) = (purchases[id], Enum.Parse<Ending>(what));
            purchases[id] = purchase with { Ending = ending, Charges = ending == Ending.Confirmed ? [.. purchase.Charges, number] : purchase.Charges };
        }

        return [.. purchases.Values];
    }

    // A line is on the disk before the client does what it says.
    private void Write(string line)
    {
        lock (_gate)
        {
            _file.Write(Encoding.ASCII.GetBytes(line + "\n"));
            _file.Flush(flushToDisk: true);
        }
    }
}
