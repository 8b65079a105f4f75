namespace Resilience.Polly.Http.Clients;

/// <summary>What is known of an HttpClient by its name, besides what .NET knows. The client's own word comes before the default, whichever was said first.</summary>
internal sealed class ResilienceClientOptions
{
    private PipelineChoice? _default;
    private PipelineChoice? _own;
    private string _clientName = "";

    /// <summary>The choice in force, or <see langword="null"/> where none was made.</summary>
    public PipelineChoice? Choice => _own ?? _default;

    /// <summary>The pipeline that the client goes through, or <see langword="null"/> where it goes through none.</summary>
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
/// <param name="StreamResponses">Whether answers are returned as soon as their head is there.</param>
/// <param name="Repetition">Whether requests may be sent again; <see langword="null"/> where each request decides.</param>
/// <param name="IsNone">Whether the client is to have no pipeline.</param>
internal sealed record PipelineChoice(string? PipelineName, bool StreamResponses = false, CallRepetition? Repetition = null, bool IsNone = false);
