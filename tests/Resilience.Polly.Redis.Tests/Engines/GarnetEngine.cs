using System.Net;
using Garnet;
using Garnet.server;

[assembly: AssemblyFixture(typeof(Resilience.Polly.Redis.Tests.GarnetEngine))]

namespace Resilience.Polly.Redis.Tests;

/// <summary>A Garnet in this process: what the tests need without anything installed.</summary>
public sealed class GarnetEngine : IDisposable
{
    private readonly GarnetServer _server;

    public GarnetEngine()
        : this(hasAtomicScripts: true)
    {
    }

    private GarnetEngine(bool hasAtomicScripts)
    {
        // It runs on the thread pool, which it shares with all tests here. With too few threads it would run one command after the other, and look atomic.
        ThreadPool.SetMinThreads(64, 64);
        var port = FreePort.Find();
        _server = new(new GarnetServerOptions(null)
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            EnableLua = true,
            LuaTransactionMode = hasAtomicScripts,
            LuaOptions = new(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),
            QuietMode = true,
            IndexMemorySize = "16m",
            LogMemorySize = "128m",
            PageSize = "8m",
        });
        _server.Start();
        Address = $"127.0.0.1:{port}";
    }

    public string Address { get; }

    /// <summary>A Garnet that lets other commands run in the middle of a script.</summary>
    public static GarnetEngine WithoutAtomicScripts() => new(hasAtomicScripts: false);

    public void Dispose() => _server.Dispose();
}
