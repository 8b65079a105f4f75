namespace Resilience.Polly.Http.Clients;

/// <summary>The choices for an HttpClient by its name. The client's own choice comes before the default, whichever was made first.</summary>
internal sealed class ResilienceClientOptions
{
    private PipelineChoice? _default;
    private PipelineChoice? _own;
    private string _clientName = "";

    /// <summary>The choice in force, or <see langword="null"/> if none was made.</summary>
    public PipelineChoice? Choice => _own ?? _default;

    /// <summary>The pipeline of the client, or <see langword="null"/> if it has none.</summary>
    public string? PipelineName => Choice is { IsNone: false } choice ? choice.PipelineName ?? _clientName : null;

    public void UseByDefault(string clientName, PipelineChoice choice) => (_clientName, _default) = (clientName, choice);

    public void Use(string clientName, PipelineChoice choice)
    {
        if (_own is { IsNone: false } && !choice.IsNone)
        {
            throw new InvalidOperationException(
                $"HttpClient '{clientName}' was given a pipeline twice: '{_own.PipelineName ?? clientName}' and '{choice.PipelineName ?? clientName}'. " +
                "Call AddResilience or AddResilientClient once per client, or RemoveResilience between.");
        }

        (_clientName, _own) = (clientName, choice);
    }
}

/// <summary>One call of <c>AddResilience</c> or <c>RemoveResilience</c>.</summary>
/// <param name="PipelineName">The pipeline; <see langword="null"/> for the one of the client's name.</param>
/// <param name="StreamResponses">Whether answers are returned as soon as their head has come.</param>
/// <param name="Repetition">Whether requests may be sent again; <see langword="null"/> if each request decides.</param>
/// <param name="IsNone">Whether the client must have no pipeline.</param>
internal sealed record PipelineChoice(string? PipelineName, bool StreamResponses = false, CallRepetition? Repetition = null, bool IsNone = false);
