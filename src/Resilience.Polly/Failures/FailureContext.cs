namespace Resilience.Polly.Failures;

/// <summary>The facts about a failed call that go into its exception.</summary>
internal readonly record struct FailureContext(string? PipelineName, string? RequestId, int Attempts)
{
    /// <summary>How the call went, if that is kept.</summary>
    public CallRecord? Record { get; init; }

    public string? Partition { get; init; }

    /// <summary>The name of the pipeline as it is in messages, with its partition.</summary>
    public string Name => Partition is null ? $"'{PipelineName}'" : $"'{PipelineName}' ({Partition})";

    public string AttemptsMade => Attempts == 1 ? "in 1 attempt" : $"in {Attempts} attempts";
}

/// <summary>The facts about an answer besides its status.</summary>
internal readonly record struct AnswerDetails(TimeSpan? RetryAfter, ApiProblem? Problem, string? BodyExcerpt)
{
    public static AnswerDetails Of(Exception cause) => cause switch
    {
        HttpStatusException answer => new(answer.RetryAfter, answer.Problem, answer.BodyExcerpt),
        ApiUnavailableException unavailable => new(unavailable.RetryAfter, unavailable.Problem, unavailable.BodyExcerpt),
        ApiServerErrorException broken => new(null, broken.Problem, broken.BodyExcerpt),
        ApiStatusException refused => new(null, refused.Problem, refused.BodyExcerpt),
        _ => default,
    };
}
