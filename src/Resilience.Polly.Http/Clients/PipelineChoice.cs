namespace Resilience.Polly.Http.Clients;

/// <summary>One call of <c>AddResilience</c> or <c>RemoveResilience</c>.</summary>
/// <param name="PipelineName">The pipeline; <see langword="null"/> for the one of the client's name.</param>
/// <param name="StreamResponses">Whether answers are returned as soon as their head is there.</param>
/// <param name="Repetition">Whether requests may be sent again; <see langword="null"/> where each request decides.</param>
/// <param name="IsNone">Whether the client is to have no pipeline.</param>
internal sealed record PipelineChoice(string? PipelineName, bool StreamResponses = false, CallRepetition? Repetition = null, bool IsNone = false);
