using System.Globalization;
using System.Net;
using Garnet;
using Garnet.server;

namespace Cluster;

/// <summary>The Redis of a round.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Process">Its process; <see langword="null"/> if it runs in this one, where it cannot be killed.</param>
/// <param name="Garnet">The server in this process, if it runs here.</param>
internal sealed record RedisEngine(string Name, string Address, Child? Process, IDisposable? Garnet)
{
    public const string RedisServer = "redis";

    /// <summary>redis-server where it is installed, otherwise Garnet in this process.</summary>
    /// <param name="wanted">The one that must be used; <see langword="null"/> for either.</param>
    /// <param name="folder">Where the data and the log go.</param>
    public static RedisEngine Find(string? wanted, string folder)
    {
        var port = Ports.Find();
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        return wanted == RedisServer || (wanted is null && IsInstalled()) ? OfRedis(port, address, folder) : StartGarnet(port, address);
    }

    private static RedisEngine OfRedis(int port, string address, string folder)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "redis")).FullName;

        // A claim that Redis has granted is on its disk before the answer leaves. Otherwise a kill could lose it, and the order could be charged again.
        string[] arguments =
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "yes", "--appendfsync", "always"];
        return new("redis-server, with appendfsync always", address, new(RedisServer, new("redis-server", arguments), port, folder), null);
    }

    private static RedisEngine StartGarnet(int port, string address)
    {
        var garnet = new GarnetServer(new GarnetServerOptions(null)
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            EnableLua = true,
            LuaTransactionMode = true, // without it, other commands run in the middle of a script
            LuaOptions = new(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),
            QuietMode = true,
            IndexMemorySize = "16m",
            LogMemorySize = "1g",
            PageSize = "8m",
        });
        garnet.Start();
        return new("Garnet in this process, so it is not killed. Install redis-server for that", address, null, garnet);
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server")));
}
