using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Resilience.Polly.Redis.Tests;

/// <summary>A real redis-server in a process of its own, that tests kill, freeze and start again empty.</summary>
public sealed class RedisServerProcess : IDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resilience-polly-redis-");
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServerProcess(string[] arguments) => _arguments = arguments;

    public int Port { get; } = FreePort.Find();

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts a server, or skips the test where none is installed. Under CI it must be.</summary>
    public static async Task<RedisServerProcess> StartAsync(params string[] arguments)
    {
        SkipWithoutServer();
        var server = new RedisServerProcess(arguments);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A server that does not run yet.</summary>
    public static RedisServerProcess Stopped()
    {
        SkipWithoutServer();
        return new([]);
    }

    /// <summary>Starts it again, without any data.</summary>
    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.FullName, .. _arguments])
        {
            RedirectStandardOutput = true,
        })!;
        _ = _process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await AnswersAsync())
        {
            Assert.False(_process.HasExited, "redis-server ended at once");
            await Task.Delay(10, limit.Token);
        }
    }

    public void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    /// <summary>Stops it in the middle of whatever it does. Its sockets stay open.</summary>
    public void Freeze() => Signal(SigStop);

    public void Thaw() => Signal(SigContinue);

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void SkipWithoutServer()
    {
        const string Reason = "There is no redis-server on the PATH.";
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server"))))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Fail(Reason);
        }
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process!.Id, signal));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[64];
            var length = await client.GetStream().ReadAsync(answer);

            // Any answer will do: a server with users refuses this one.
            return Encoding.ASCII.GetString(answer, 0, length) is ['+' or '-', ..];
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
