using System.Net;

namespace Resilience.Polly;

/// <summary>What a service said about an error in a body of the type <c>application/problem+json</c> (RFC 9457).</summary>
public sealed class ApiProblem
{
    /// <summary>Identifies the kind of the problem, usually by an address; <see langword="null"/> if it was not given.</summary>
    public string? Type { get; init; }

    /// <summary>The kind of the problem in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>The status as given in the body.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>What went wrong with this one request.</summary>
    public string? Detail { get; init; }

    /// <summary>Identifies this one occurrence.</summary>
    public string? Instance { get; init; }
}
