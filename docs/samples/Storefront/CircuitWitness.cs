using Polly.CircuitBreaker;
using Resilience.Polly;

namespace Storefront;

/// <summary>Remembers whether a circuit opened, and whether it closed again.</summary>
internal sealed class CircuitWitness(string pipelineName) : IResilienceListener
{
    private volatile bool _opened;
    private volatile bool _closedAgain;

    public bool Opened => _opened;

    public bool ClosedAgain => _closedAgain;

    public void OnEvent(PipelineEvent e)
    {
        if (e is CircuitStateChangedEvent transition && transition.PipelineName == pipelineName)
        {
            _opened |= transition.To == CircuitState.Open;
            _closedAgain |= transition is { From: CircuitState.HalfOpen, To: CircuitState.Closed };
        }
    }
}
