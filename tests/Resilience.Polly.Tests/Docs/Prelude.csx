// What a C# block may use without declaring it, unless it is the first one of its page. A block is compiled as a script after this one, and never run.
// There are no usings here: a block knows only those that its page shows.

// The reader's application.
public sealed record Order(string Id);
public sealed record Product(string Name);
public sealed record Quote(decimal Price, bool IsStale);
public sealed record Receipt(string OrderId, bool IsPaid)
{
    public static Receipt Later(Order order) => new(order.Id, false);
}

public sealed class StockLockedException : Exception;
public sealed class LedgerCorruptException : Exception;

public sealed class Bank
{
    public Task<Receipt> ChargeAsync(Order order, CancellationToken cancellationToken) => Task.FromResult(new Receipt(order.Id, true));
}

public sealed class ReportsOptions { public Uri Address { get; set; } }

public sealed class AuditHandler : DelegatingHandler;
public sealed class TokenHandler : DelegatingHandler;

public interface IShop
{
    Task<IReadOnlyList<Product>> RecommendAsync(Order order, CancellationToken cancellationToken);
}

public interface IService
{
    Task<string> GetAsync(string address, CancellationToken cancellationToken);
}

public interface IProductCache
{
    Task<IReadOnlyList<Product>> PopularAsync(CancellationToken cancellationToken);
}

public interface IUserServices
{
    ValueTask<string[]> GetAsync(string service, string userId, CancellationToken token);
}

public sealed record User(int Id, string Name);
public sealed record NewOrder(string Item);

Task RefreshTokenAsync() => Task.CompletedTask;
Task<string[]> mlService(string userId, CancellationToken cancellationToken) => Task.FromResult<string[]>([]);

HostApplicationBuilder builder = default;
IServiceCollection services = default;
WebApplication app = default;
ILogger logger = default;
CancellationToken ct = default;
Order order = default;
Bank bank = default;
IService service = default;
Uri address = default;
IShop shop = default;
IProductCache cache = default;
HttpClient http = default;
HttpRequestMessage request = default;
Stream body = default;
Stream file = default;

// What the library gives.
Polly.Registry.ResiliencePipelineProvider<string> pipelineProvider = default;
Resilience.Polly.PipelineOptions options = default;
Polly.ResiliencePipeline api = default;
Polly.ResiliencePipeline payments = default;
Polly.ResiliencePipeline recommendations = default;
Resilience.Polly.IResilienceMonitor monitor = default;
Resilience.Polly.ICircuitBreakerControl circuits = default;
Resilience.Polly.IResilienceAdvisor advisor = default;
Resilience.Polly.Http.ResilientClient client = default;
Microsoft.Extensions.Options.IOptionsMonitor<Resilience.Polly.PipelineOptions> settings = default;
Resilience.Polly.RequestQueue queue = default;
Resilience.Polly.RequestQueueProvider queues = default;
