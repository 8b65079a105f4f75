using Polly;

namespace Resilience.Polly.Soak;

/// <summary>The pipelines that the traffic runs through, and what it did there.</summary>
/// <param name="Name">As it is called in tables.</param>
/// <param name="Roomy">For most calls. Its circuit never opens.</param>
/// <param name="Narrow">Two slots and no waiting: most of a burst is refused.</param>
/// <param name="Flaky">Its circuit opens after a few failures, and tries again soon.</param>
internal sealed record Contestant(string Name, ResiliencePipeline Roomy, ResiliencePipeline Narrow, ResiliencePipeline Flaky)
{
    public Tally Tally { get; private set; } = new();

    public void CountAnew() => Tally = new();
}
