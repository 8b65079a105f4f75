using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Cluster;

/// <summary>All processes of a round: three of the shop, two of the payment service, two clients, and Redis.</summary>
internal sealed class Processes : IDisposable
{
    private const int ShopCount = 3;
    private const int PaymentsCount = 2;
    private const int ClientCount = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Processes(Arguments arguments, string folder)
    {
        Redis = RedisEngine.Find(arguments.Engine, folder);
        var (payments, shops) = (PortsFor(PaymentsCount), PortsFor(ShopCount));
        ShopAddresses = [.. shops.Select(AddressOf)];
        Services =
        [
            .. payments.Select((port, i) => New(PaymentsRole.Name, i, port, "--Unprotected", $"{arguments.Unprotected}")),
            .. shops.Select((port, i) => New(ShopRole.Name, i, port, "--Services", string.Join(',', payments.Select(AddressOf)))),
        ];
        Clients =
        [
            .. Enumerable.Range(0, ClientCount).Select(i => New(
                ClientRole.Name, i, null, ["--Services", string.Join(',', ShopAddresses), .. PartOf(arguments.Orders, i) is { } orders ? new[] { "--Orders", $"{orders}" } : []])),
        ];

        Child New(string role, int index, int? port, params string[] settings)
        {
            var name = $"{role}-{index + 1}";
            string[] listening = port is { } known ? ["--Address", AddressOf(known)] : [];
            return new(name, Self([role, "--Name", name, "--Folder", folder, "--Redis", $"{Redis.Address}", .. listening, .. settings]), port, folder);
        }
    }

    public RedisEngine Redis { get; }

    public IReadOnlyList<Child> Services { get; }

    public IReadOnlyList<Child> Clients { get; }

    public IReadOnlyList<string> ShopAddresses { get; }

    public IEnumerable<Child> All => [.. Redis.Process is { } redis ? new[] { redis } : [], .. Services, .. Clients];

    /// <summary>Starts Redis, then the services, then the clients.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        if (Redis.Process is { } redis)
        {
            await redis.StartAsync(patience.Token);
        }

        await Task.WhenAll(Services.Select(service => service.StartAsync(patience.Token)));
        await Task.WhenAll(Clients.Select(client => client.StartAsync(patience.Token)));
    }

    public void Dispose()
    {
        foreach (var child in All)
        {
            child.Dispose();
        }

        Redis.Garnet?.Dispose();
    }

    // This program again, whether it was started by itself or by dotnet.
    private static ProcessStartInfo Self(string[] arguments)
    {
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        return new(Environment.ProcessPath!, isHost ? [Assembly.GetExecutingAssembly().Location, .. arguments] : arguments)
        {
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, // the dashboards answer this machine
        };
    }

    private static int[] PortsFor(int count) => [.. Enumerable.Range(0, count).Select(_ => Ports.Find())];

    private static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static int? PartOf(int? orders, int client) => orders is { } all ? (all / ClientCount) + (client < all % ClientCount ? 1 : 0) : null;
}
