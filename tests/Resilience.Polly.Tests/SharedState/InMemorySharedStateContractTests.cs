
namespace Resilience.Polly.Tests.SharedState;

/// <summary>The circuits in memory keep the contract of all stores.</summary>
public class InMemorySharedCircuitTests : SharedCircuitStoreContract
{
    private readonly TestClock _clock = new();
    private readonly InMemorySharedState _state;

    public InMemorySharedCircuitTests() => _state = new(_clock);

    protected override ISharedCircuitStore Store => _state;

    protected override TimeSpan Moment => TimeSpan.FromSeconds(1);

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    protected override Task LoseDataAsync()
    {
        _state.Clear();
        return Task.CompletedTask;
    }
}

/// <summary>The same for slots.</summary>
public class InMemorySharedBulkheadTests : SharedBulkheadStoreContract
{
    private readonly TestClock _clock = new();
    private readonly InMemorySharedState _state;

    public InMemorySharedBulkheadTests() => _state = new(_clock);

    protected override ISharedBulkheadStore Store => _state;

    protected override TimeSpan Moment => TimeSpan.FromSeconds(1);

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}

/// <summary>The same for instances.</summary>
public class InMemorySharedInstanceTests : SharedInstanceStoreContract
{
    private readonly TestClock _clock = new();
    private readonly InMemorySharedState _state;

    public InMemorySharedInstanceTests() => _state = new(_clock);

    protected override ISharedInstanceStore Store => _state;

    protected override TimeSpan Moment => TimeSpan.FromSeconds(1);

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}
