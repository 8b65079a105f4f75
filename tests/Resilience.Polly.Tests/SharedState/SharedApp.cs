using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.SharedState;

/// <summary>Several instances of one application in this process, on one clock and one store.</summary>
internal sealed class SharedApp : IAsyncDisposable
{
    private readonly List<TestPipelines> _instances = [];
    private readonly Func<IServiceCollection, IResilienceBuilder> _add;
    private readonly Action<SharedStateOptions>? _share;
    private readonly ConcurrentDictionary<string, int> _holds = new();

    public SharedApp(int instances, Action<PipelineOptions> configure, Action<SharedStateOptions>? share = null, bool health = false)
        : this(instances, services => Healthy(services, health).AddResilience().AddPipeline(TestPipelines.Name, configure), share)
    {
    }

    public SharedApp(int instances, LiveJson live)
        : this(instances, services => services.AddResilience(live.Section), null)
    {
    }

    private SharedApp(int instances, Func<IServiceCollection, IResilienceBuilder> add, Action<SharedStateOptions>? share)
    {
        (_add, _share) = (add, share);
        State = new(Clock);
        for (var i = 0; i < instances; i++)
        {
            Add();
        }
    }

    public TestClock Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public InMemorySharedState State { get; }

    public LogRecorder Log { get; } = new("Resilience.Polly");

    /// <summary>Whether the store gives probes, and its answers do not arrive.</summary>
    public bool LosesProbes { get; set; }

    /// <summary>Who got a probe without knowing it.</summary>
    public string? LostProbe { get; private set; }

    /// <summary>Who gave a probe back.</summary>
    public ConcurrentBag<string> EndedProbes { get; } = [];

    public TestPipelines this[int instance] => _instances[instance];

    public int Count => _instances.Count;

    public static Dependency Down { get; } = new(Dependency.Fails());

    public static Dependency Up { get; } = new(Dependency.Answers(1));

    /// <summary>Starts one more instance, named by its number.</summary>
    public TestPipelines Add(string? name = null)
    {
        var instance = new TestPipelines(
            services =>
            {
                services.AddLogging(logging => logging.AddProvider(Log));
                _add(services).AddSharedState(State, options =>
                {
                    options.InstanceName = name ?? $"i{_instances.Count}";
                    _share?.Invoke(options);
                });
                services.AddSingleton<ISharedBulkheadStore>(new CountedBulkheads(State, _holds));
                services.AddSingleton<ISharedCircuitStore>(new LosingCircuits(State, this));
            },
            Clock);
        _instances.Add(instance);
        return instance;
    }

    /// <summary>Starts what hosts would start, and waits until all know of each other.</summary>
    public async Task StartAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.StartAsync();
            _ = instance.Pipeline;
        }

        Clock.Advance(TimeSpan.FromSeconds(2));
        await UntilAsync(() => _instances.All(instance => instance.Monitor.GetSharedState()!.Instances.Count == Count));
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => SettledAsync(i)));
    }

    public async Task<Exception?> FailAsync(int instance, int times = 1, string? partition = null) => await CallAsync(instance, Down, times, partition);

    public async Task<Exception?> SucceedAsync(int instance, string? partition = null) => await CallAsync(instance, Up, 1, partition);

    public CircuitBreakerSnapshot Circuit(int instance) => _instances[instance].Snapshot.CircuitBreaker;

    public BulkheadSnapshot Slots(int instance) => _instances[instance].Snapshot.Bulkhead;

    /// <summary>The workers run on the pool: what they tell is there a moment later.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(startedAt) > TimeSpan.FromSeconds(30))
            {
                Assert.True(holds(), "not within 30 s");
            }

            await Task.Delay(1);
        }
    }

    /// <summary>How often an instance has said how many slots it holds.</summary>
    public int Holds(string instance) => _holds.GetValueOrDefault(instance);

    /// <summary>Lets time pass, while a test waits for something.</summary>
    /// <returns>False.</returns>
    public bool IsLater()
    {
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }
    }

    private static IServiceCollection Healthy(IServiceCollection services, bool health)
    {
        if (health)
        {
            services.AddHealthChecks().AddResilience();
        }

        return services;
    }

    private Task SettledAsync(int instance) => UntilAsync(() => Circuit(instance).Shared is not { IsAlone: true });

    private async Task<Exception?> CallAsync(int instance, Dependency dependency, int times, string? partition)
    {
        Exception? last = null;
        for (var i = 0; i < times; i++)
        {
            var context = global::Polly.ResilienceContextPool.Shared.Get();
            if (partition is not null)
            {
                context.Properties.Set(CallProperties.Partition, partition);
            }

            try
            {
                await _instances[instance].Pipeline.ExecuteAsync(c => dependency.CallAsync(c.CancellationToken), context);
                last = null;
            }
            catch (ApiCallException exception)
            {
                last = exception;
            }
        }

        return last;
    }

    private sealed class CountedBulkheads(ISharedBulkheadStore store, ConcurrentDictionary<string, int> holds) : ISharedBulkheadStore
    {
        public async ValueTask<SharedSlots> HoldAsync(string bulkhead, SharedSlotsRequest request, CancellationToken cancellationToken = default)
        {
            var slots = await store.HoldAsync(bulkhead, request, cancellationToken);
            holds.AddOrUpdate(request.Instance, 1, (_, count) => count + 1);
            return slots;
        }

        public IDisposable Subscribe(Action<string> changed) => store.Subscribe(changed);
    }

    private sealed class LosingCircuits(InMemorySharedState store, SharedApp app) : ISharedCircuitStore
    {
        public async ValueTask<SharedCircuit> TakeProbeAsync(string circuit, string owner, long epoch, TimeSpan lease, CancellationToken cancellationToken = default)
        {
            var answer = await store.TakeProbeAsync(circuit, owner, epoch, lease, cancellationToken);
            if (!app.LosesProbes)
            {
                return answer;
            }

            app.LostProbe = answer.HasProbe ? owner : app.LostProbe;
            throw new SharedStateUnavailableException("The answer did not arrive.");
        }

        public async ValueTask ReleaseProbeAsync(string circuit, string owner, CancellationToken cancellationToken = default)
        {
            await store.ReleaseProbeAsync(circuit, owner, cancellationToken);
            app.EndedProbes.Add(owner);
        }

        public ValueTask<SharedCircuit> VoteAsync(string circuit, SharedCircuitVote vote, CancellationToken cancellationToken = default) =>
            store.VoteAsync(circuit, vote, cancellationToken);

        public ValueTask<SharedCircuit> ChangeAsync(string circuit, SharedCircuitChange change, CancellationToken cancellationToken = default) =>
            store.ChangeAsync(circuit, change, cancellationToken);

        public ValueTask<SharedCircuit> SyncAsync(string circuit, SharedCircuitChange known, CancellationToken cancellationToken = default) =>
            store.SyncAsync(circuit, known, cancellationToken);

        public IDisposable Subscribe(Action<string, SharedCircuit> changed) => store.Subscribe(changed);
    }
}
