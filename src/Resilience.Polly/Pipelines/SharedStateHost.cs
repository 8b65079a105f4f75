using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.Bulkheads.Shared;
using Resilience.Polly.CircuitBreakers.Shared;
using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Pipelines;

/// <summary>Runs what this instance shares with others: says that it runs, compares circuits with the store, and renews the leases of slots.</summary>
internal sealed class SharedStateHost : IDisposable
{
    private const int BeatsInLifetime = 3; // two may be lost

    private readonly SharedParts? _parts;
    private readonly ApplicationServices _application;
    private int _hasStarted;

    public SharedStateHost(IServiceProvider services, ApplicationServices application)
    {
        _application = application;
        if (services.GetService<SharedStateOptions>() is { } options)
        {
            OptionFaults.ThrowIfAny<SharedStateOptions>(nameof(SharedStateOptions), SharedStateFaults.Of(options));
            var connection = services.GetRequiredService<ISharedStateConnection>();
            var instances = new RunningInstances();
            var instance = new ThisInstance(options, connection, instances, application.Clock);
            var circuits = new SharedCircuits(services.GetRequiredService<ISharedCircuitStore>(), instance);
            var bulkheads = new SharedBulkheads(services.GetRequiredService<ISharedBulkheadStore>(), instance);
            _parts = new(options, connection, services.GetRequiredService<ISharedInstanceStore>(), instances, circuits, bulkheads)
            {
                Beats = new(application.Clock, options.SyncInterval, Report, Beat, circuits.Sync),
                Renewals = new(application.Clock, options.SlotLease / 3, Report, bulkheads.Renew),
            };
            Sharing = new(circuits, bulkheads, options.DivideRetryReserve ? instances : null);
        }
    }

    /// <summary>For the pipelines; <see langword="null"/> in an application without a store.</summary>
    public PipelineSharing? Sharing { get; }

    /// <summary>The store and the instances; <see langword="null"/> in an application without a store.</summary>
    public SharedStateSnapshot? Read() => _parts is null ? null : new()
    {
        Store = _parts.Connection.Name,
        IsAvailable = _parts.Connection.IsAvailable,
        Instance = _parts.Options.InstanceName,
        Instances = _parts.Instances.Names,
    };

    /// <summary>Begins, unless it has begun. With the first pipeline at the latest: there may be no host.</summary>
    public void Start()
    {
        if (_parts is not null && Interlocked.Exchange(ref _hasStarted, 1) == 0)
        {
            _parts.Connection.Restored += AgreeAgain;
            _parts.Beats.Start();
            _parts.Renewals.Start();
            Beat();
        }
    }

    /// <summary>Says that this instance stops, and gives back its slots. Without the store, both end by themselves.</summary>
    public async Task StopAsync()
    {
        if (_parts is null)
        {
            return;
        }

        await _parts.Beats.DisposeAsync().ConfigureAwait(false);
        await _parts.Renewals.DisposeAsync().ConfigureAwait(false);
        await _parts.Bulkheads.LeaveAsync().ConfigureAwait(false);
        try
        {
            await _parts.Store.LeaveAsync(_parts.Options.InstanceName).ConfigureAwait(false);
        }
        catch (SharedStateUnavailableException)
        {
            // The others see it a few seconds later.
        }
    }

    public void Dispose()
    {
        if (_parts is not null)
        {
            _parts.Connection.Restored -= AgreeAgain;
            _parts.Beats.Dispose();
            _parts.Renewals.Dispose();
            _parts.Circuits.Dispose();
            _parts.Bulkheads.Dispose();
        }
    }

    private void AgreeAgain()
    {
        Beat();
        _parts!.Circuits.Sync();
        _parts.Bulkheads.Renew();
    }

    private void Beat() => _ = BeatAsync(_parts!);

    private async Task BeatAsync(SharedParts parts)
    {
        try
        {
            parts.Instances.Names = await parts.Store.BeatAsync(parts.Options.InstanceName, BeatsInLifetime * parts.Options.SyncInterval).ConfigureAwait(false);
        }
        catch (SharedStateUnavailableException)
        {
            // The last known instances stay.
        }
        catch (Exception exception) // on a timer, where nobody waits for it
        {
            Report(exception);
        }
    }

    private void Report(Exception exception) => Log.PeriodicWorkFailed(_application.Logger, exception);

    private sealed record SharedParts(
        SharedStateOptions Options, ISharedStateConnection Connection, ISharedInstanceStore Store, RunningInstances Instances, SharedCircuits Circuits, SharedBulkheads Bulkheads)
    {
        public required PeriodicWork Beats { get; init; }

        public required PeriodicWork Renewals { get; init; }
    }
}
