using System.Diagnostics;
using System.Net.Sockets;

namespace Cluster;

/// <summary>A process that is started, killed and started again. Its output goes to a file.</summary>
/// <param name="name">The name of the process.</param>
/// <param name="start">How it is started.</param>
/// <param name="port">Where it listens; <see langword="null"/> for a client.</param>
/// <param name="folder">Where its log is.</param>
internal sealed class Child(string name, ProcessStartInfo start, int? port, string folder) : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly StreamWriter _log = new(Path.Combine(folder, name + ".log")) { AutoFlush = true };
    private volatile Process? _process;
    private volatile bool _isKilled;
    private volatile bool _isReady;

    public string Name => name;

    /// <summary>Whether the process runs and listens.</summary>
    public bool IsReady => _isReady && !HasEnded;

    /// <summary>Whether the process has done all that it had to do.</summary>
    public bool IsDone => HasEnded && !_isKilled;

    /// <summary>How the process ended, if it did so by itself and with an error.</summary>
    public string? Crash => IsDone && _process!.ExitCode != 0 ? $"{name} ended with {_process.ExitCode}" : null;

    private bool HasEnded => _process is { HasExited: true };

    /// <summary>Starts the process, and waits until it listens.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var killed = _process;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start)!;
        _isKilled = false; // only now: until here it looked killed, and not done
        killed?.Dispose();
        _process.OutputDataReceived += (_, line) => Log(line.Data);
        _process.ErrorDataReceived += (_, line) => Log(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (port is { } listening && !await ListensAsync(listening, cancellationToken))
        {
            if (HasEnded)
            {
                return;
            }

            await Task.Delay(BetweenLooks, cancellationToken);
        }

        _isReady = true;
    }

    /// <summary>Kills the process as <c>kill -9</c> does. It cannot prepare for that.</summary>
    public void Kill()
    {
        (_isReady, _isKilled) = (false, true);
        _process!.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is not null && !HasEnded)
        {
            Kill();
        }

        _process?.Dispose();
        lock (_log)
        {
            _log.Dispose();
        }
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Log(string? line)
    {
        lock (_log)
        {
            if (line is not null && _log.BaseStream.CanWrite)
            {
                _log.WriteLine(line);
            }
        }
    }
}
