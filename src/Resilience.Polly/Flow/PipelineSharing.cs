using Resilience.Polly.Bulkheads.Shared;
using Resilience.Polly.CircuitBreakers.Shared;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Flow;

/// <summary>What the pipelines of this instance share with other instances. There is none in an application without a store for it.</summary>
/// <param name="Circuits">The circuits.</param>
/// <param name="Bulkheads">The slots.</param>
/// <param name="ReserveDividers">The instances that divide the reserves of the retry budgets, if they do.</param>
internal sealed record PipelineSharing(SharedCircuits Circuits, SharedBulkheads Bulkheads, RunningInstances? ReserveDividers);
