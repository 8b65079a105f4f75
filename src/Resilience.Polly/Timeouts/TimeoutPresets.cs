namespace Resilience.Polly;

/// <summary>The guide's named timeouts (guide: "Timeout Configuration Guidelines"). Each read gives a new instance to change at will.</summary>
public static class TimeoutPresets
{
    /// <summary>Satellite links, international connections: connect 30 s, read 120 s, write 60 s, pool 15 s.</summary>
    public static TimeoutOptions HighLatency => Of(connect: 30, read: 120, write: 60, pool: 15);

    /// <summary>Internal services close by: connect 2 s, read 5 s, write 5 s, pool 1 s.</summary>
    public static TimeoutOptions LowLatency => Of(connect: 2, read: 5, write: 5, pool: 1);

    private static TimeoutOptions Of(int connect, int read, int write, int pool) => new()
    {
        Connect = TimeSpan.FromSeconds(connect),
        Read = TimeSpan.FromSeconds(read),
        Write = TimeSpan.FromSeconds(write),
        Pool = TimeSpan.FromSeconds(pool),
    };
}
