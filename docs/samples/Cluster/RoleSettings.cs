namespace Cluster;

/// <summary>What the supervisor tells a process.</summary>
internal sealed class RoleSettings
{
    /// <summary>The name of the process, such as <c>shop-2</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where the process listens.</summary>
    public string? Address { get; init; }

    /// <summary>The services that it calls, separated by commas.</summary>
    public string Services { get; init; } = "";

    /// <summary>Where Redis listens.</summary>
    public string Redis { get; init; } = "";

    /// <summary>Where books and journals are.</summary>
    public required string Folder { get; init; }

    /// <summary>How many orders a client makes; <see langword="null"/> if it goes on until it is stopped.</summary>
    public int? Orders { get; init; }

    public int Seed { get; init; }

    public bool Unprotected { get; init; }

    public IReadOnlyList<string> ServiceList => Services.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public static RoleSettings Of(string[] args) => new ConfigurationBuilder().AddCommandLine(args).Build().Get<RoleSettings>()!;
}
