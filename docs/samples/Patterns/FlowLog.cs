using System.Globalization;
using Polly.CircuitBreaker;
using Resilience.Polly;

namespace Patterns;

/// <summary>The numbered steps of the guide's flow, and the end of a call.</summary>
internal enum Step
{
    Slot = 1,
    Circuit,
    Attempt,
    Wait,
    Verdict,
    Release,
    End,
}

/// <summary>Collects what the caller sees and what the library tells its listeners, and writes it in the order in which it happened.</summary>
internal sealed class FlowLog(DateTimeOffset start) : IResilienceListener
{
    /// <summary>The id of the calls that are not shown: the traffic around those that are.</summary>
    public const string Unseen = "unseen";

    private const int BeforeAttempts = 0;
    private const int AfterAttempts = int.MaxValue;

    private readonly Lock _adding = new();
    private readonly List<(TimeSpan At, int Attempt, Step Step, int Source, string Text)> _lines = [];

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    /// <summary>What the caller saw.</summary>
    public void Saw(DateTimeOffset at, int attempt, Step step, string text) => Add(at, step switch
    {
        < Step.Attempt => BeforeAttempts,
        > Step.Wait => AfterAttempts,
        _ => attempt,
    }, step, source: 1, text);

    // The library calls this on a thread of the pool, a moment later. So each line goes by the time of the event.
    void IResilienceListener.OnEvent(PipelineEvent e)
    {
        switch (e)
        {
            case RetryEvent { RequestId: not Unseen } retry:
                Heard(e.At, retry.Attempt, Step.Wait, $"{Seconds(retry.Wait)} before attempt {retry.Attempt + 1}: {retry.Reason}");
                break;
            case RejectionEvent { RequestId: not Unseen, By: RejectedBy.Bulkhead }:
                Heard(e.At, BeforeAttempts, Step.Slot, "none became free, the call is rejected");
                break;
            case RejectionEvent { RequestId: not Unseen, By: RejectedBy.CircuitBreaker } rejection:
                Heard(e.At, BeforeAttempts, Step.Circuit, $"open, the call is rejected; next probe in {Seconds(rejection.RetryAfter ?? TimeSpan.Zero)}");
                break;
            case CircuitStateChangedEvent change:
                var (when, step) = change.To == CircuitState.HalfOpen ? (BeforeAttempts, Step.Circuit) : (AfterAttempts, Step.Verdict);
                Heard(e.At, when, step, $"{change.From} > {change.To}: {change.Reason}");
                break;
        }
    }

    public void WriteTo(TextWriter output)
    {
        var isNextCall = false;
        foreach (var (at, _, step, _, text) in _lines.OrderBy(line => (line.At, line.Attempt, line.Step, line.Source)))
        {
            output.Write(isNextCall ? Environment.NewLine : "");
            output.WriteLine(step == Step.End ? $"{Seconds(at),7}  {text}" : $"{Seconds(at),7}  {(int)step} {Name(step),-8} {text}");
            isNextCall = step == Step.End;
        }
    }

    private static string Name(Step step) => step == Step.Verdict ? "circuit" : step.ToString().ToLowerInvariant();

    private void Heard(DateTimeOffset at, int attempt, Step step, string text) => Add(at, attempt, step, source: 0, text);

    private void Add(DateTimeOffset at, int attempt, Step step, int source, string text)
    {
        lock (_adding)
        {
            _lines.Add((at - start, attempt, step, source, text));
        }
    }
}
