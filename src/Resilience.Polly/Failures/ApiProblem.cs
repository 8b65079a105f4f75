using System.Net;

namespace Resilience.Polly;

/// <summary>What a service said about an error in a body of the type <c>application/problem+json</c> (RFC 9457).</summary>
public sealed class ApiProblem
{
    /// <summary>Names the kind of the problem, usually an address; <see langword="null"/> where it was not given.</summary>
    public string? Type { get; init; }

    /// <summary>The kind of the problem in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>The status as the body repeats it.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>What went wrong with this one request.</summary>
    public string? Detail { get; init; }

    /// <summary>Names this one occurrence.</summary>
    public string? Instance { get; init; }
}
