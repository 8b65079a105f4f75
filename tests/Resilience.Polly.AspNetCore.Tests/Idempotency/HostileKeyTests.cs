using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Header values that nobody should send.</summary>
public class HostileKeyTests
{
    /// <summary>10,000 values over raw sockets. Each is either refused with 400, or executed with a key that a model of the grammar gives.</summary>
    [Fact]
    public async Task Ten_thousand_hostile_values_are_refused_or_read_as_the_grammar_says()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (executed, wrong) = (new List<string>(), new List<string>());
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            context =>
            {
                executed.Add(context.Idempotency().Key!);
                return Task.CompletedTask;
            },
            store: store);
        await using var connection = new Connection(app.Address);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 10_000; i++)
        {
            var value = Hostile(random);
            executed.Clear();

            var status = await connection.PostAsync(value);

            var expected = Model(value);
            var isRight = expected is null ? status == 400 && executed.Count == 0 : (status is 200 && executed is [var key] && key == expected) || (status is 200 && executed.Count == 0);
            if (!isRight)
            {
                wrong.Add($"round {i}: {Convert.ToHexString(Encoding.Latin1.GetBytes(value))} gave {status} and {executed.Count} executions, expected key {expected ?? "none"}");
            }

            counts[$"{status}"] = counts.GetValueOrDefault($"{status}") + 1;
        }

        Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join('\n', wrong.Take(10))}");
        Assert.InRange(counts["200"], 500, 9_500);
        Assert.InRange(counts["400"], 500, 9_500);
        Assert.All(store.Claims, claim => Assert.Matches("^[0-9a-f]{64}$", claim.Key));
        Assert.All(app.Log.Lines, line => Assert.DoesNotContain("Error", line, StringComparison.Ordinal));
    }

    // Written another way than the parser: as an expression over the whole value, after what the server trims and refuses.
    private static string? Model(string value)
    {
        var text = value.Trim(' ', '\t');
        if (text.Any(character => character is (< ' ' and not '\t') or > '~'))
        {
            return null;
        }

        var bare = System.Text.RegularExpressions.Regex.Match(text, @"\A[!#-+\x2D-\x3A<-\[\]-~]+\z");
        var quoted = System.Text.RegularExpressions.Regex.Match(text, @"\A""((?:[ !#-\[\]-~]|\\[""\\])*)""\z");
        var key = bare.Success ? bare.Value : quoted.Success ? System.Text.RegularExpressions.Regex.Replace(quoted.Groups[1].Value, @"\\(.)", "$1") : null;
        return key is { Length: > 0 and <= 255 } && key.Trim(' ').Length > 0 ? key : null;
    }

    private static string Hostile(Random random)
    {
        string[] pieces = ["\"", "\\", "\\\"", "\\\\", ",", ";", " ", "\t", "a", "Z9", "k=v", "%0d%0a", "\0", "\u0001", "\u007f", "\u00e9", "\u00ff", "\u00c3\u00a9", "../", "${x}", "'--", "<b>", ":", "?1", "@1", "*"];
        var text = new StringBuilder();
        for (var i = random.Next(8); i > 0; i--)
        {
            text.Append(random.Next(12) switch
            {
                0 => new string((char)random.Next('a', 'z'), random.Next(250, 260)),
                1 => $"{(char)random.Next(256)}",
                2 => Guid.NewGuid().ToString(),
                _ => pieces[random.Next(pieces.Length)],
            });
        }

        // Line ends would begin another header: the server would see another request.
        var value = text.Replace("\r", "").Replace("\n", "").ToString();
        return random.Next(3) == 0 ? $"\"{value}\"" : value;
    }

    /// <summary>Sends requests one after the other, and connects again where the server closes.</summary>
    private sealed class Connection(Uri address) : IAsyncDisposable
    {
        private TcpClient? _client;
        private StreamReader? _reader;

        public async Task<int> PostAsync(string key)
        {
            if (_client is null)
            {
                _client = new();
                await _client.ConnectAsync(address.Host, address.Port);
                _reader = new(_client.GetStream(), Encoding.Latin1);
            }

            using var patience = new CancellationTokenSource(IdempotencyApp.Patience);
            await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nIdempotency-Key: {key}\r\n\r\n"), patience.Token);
            var status = int.Parse((await _reader!.ReadLineAsync(patience.Token))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            var (isChunked, length, closes) = (false, 0, false);
            while (await _reader.ReadLineAsync(patience.Token) is { Length: > 0 } line)
            {
                isChunked |= line.Equals("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
                closes |= line.Equals("Connection: close", StringComparison.OrdinalIgnoreCase);
                length = line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase) ? int.Parse(line[16..], System.Globalization.CultureInfo.InvariantCulture) : length;
            }

            if (isChunked)
            {
                while (await _reader.ReadLineAsync(patience.Token) is { } line && line != "0")
                {
                }

                await _reader.ReadLineAsync(patience.Token);
            }

            // Without a body a read would wait for the next answer.
            if (length > 0)
            {
                await _reader.ReadBlockAsync(new char[length], patience.Token);
            }

            if (closes)
            {
                await DisposeAsync();
            }

            return status;
        }

        public ValueTask DisposeAsync()
        {
            _client?.Dispose();
            _client = null;
            return ValueTask.CompletedTask;
        }
    }
}
