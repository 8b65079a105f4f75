// What every C# block of the documentation may take as given. A block is compiled as a script after this one, and never run.
using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Threading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Polly.Telemetry;
using Resilience.Polly;
using Resilience.Polly.AspNetCore;
using Resilience.Polly.Http;

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

public sealed class AuditHandler : DelegatingHandler;
public sealed class TokenHandler : DelegatingHandler;

public interface IShop
{
    Task<IReadOnlyList<Product>> RecommendAsync(Order order, CancellationToken cancellationToken);
}

public interface IProductCache
{
    Task<IReadOnlyList<Product>> PopularAsync(CancellationToken cancellationToken);
}

HostApplicationBuilder builder = default;
IServiceCollection services = default;
WebApplication app = default;
ILogger logger = default;
CancellationToken ct = default;
Order order = default;
Bank bank = default;
IShop shop = default;
IProductCache cache = default;
HttpClient http = default;
HttpRequestMessage request = default;
Stream body = default;
Stream file = default;

// What the library gives.
ResiliencePipelineProvider<string> pipelineProvider = default;
ResiliencePipeline payments = default;
ResiliencePipeline recommendations = default;
IResilienceMonitor monitor = default;
ICircuitBreakerControl circuits = default;
IResilienceAdvisor advisor = default;
ResilientClient client = default;
IOptionsMonitor<PipelineOptions> settings = default;
RequestQueue queue = default;
RequestQueueProvider queues = default;
