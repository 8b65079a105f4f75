namespace Resilience.Polly.Http;

/// <summary>Options of one request that differ from those of its client. A property that is not set leaves the client's value.</summary>
public sealed class ResilientRequestOptions
{
    private Dictionary<string, string>? _headers;

    /// <summary>Time to open a connection: name resolution, TCP and TLS.</summary>
    /// <value>A duration of 1 millisecond to 1 day, or infinite; the default is that of the pipeline.</value>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>Time without receiving anything, once the request is sent (guide: "Progressive timeout strategy").</summary>
    /// <value>A duration of 1 millisecond to 1 day, or infinite; the default is that of the pipeline.</value>
    public TimeSpan? ReadTimeout { get; set; }

    /// <summary>Time without being able to send anything of the body.</summary>
    /// <value>A duration of 1 millisecond to 1 day, or infinite; the default is that of the pipeline.</value>
    public TimeSpan? WriteTimeout { get; set; }

    /// <summary>Time to wait for a connection of the connection pool; zero means never to wait.</summary>
    /// <value>A duration of zero to 1 day, or infinite; the default is that of the pipeline.</value>
    public TimeSpan? PoolTimeout { get; set; }

    /// <summary>Time for one whole attempt, whatever its phases.</summary>
    /// <value>
    /// A duration of 1 millisecond to 1 day, or infinite; the default is that of the pipeline and, where it has none, 100 seconds for an answer that
    /// is not streamed.
    /// </value>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>How important the request is when there is not room for all. It becomes <see cref="CallProperties.Priority"/> of the call.</summary>
    /// <value>The default is <see cref="CallPriority.Normal"/>.</value>
    public CallPriority Priority { get; set; }

    /// <summary>
    /// Whether the answer is returned as soon as its head has come, and the caller reads the body from the network.
    /// Then a body that breaks off is not retried, and the bulkhead slot is free before the body is read.
    /// </summary>
    /// <value>The default is <see langword="false"/>: the body is read inside the attempt. The methods that return a value always read it there.</value>
    public bool StreamResponse { get; set; }

    /// <summary>
    /// Whether the request may be sent again after a failure (guide: "Idempotency: The Key to Safe Retries"). <see cref="CallRepetition.Never"/> is for
    /// requests that remove something, such as a poll for messages; <see cref="CallRepetition.Safe"/> for a POST that only reads.
    /// </summary>
    /// <value>The default is that of the client and, where it has none, what the method, the request id and the body allow.</value>
    public CallRepetition? Repetition { get; set; }

    /// <summary>The most attempts for this request, the first one included; 1 means no retry. It becomes <see cref="CallProperties.MaxAttempts"/> of the call.</summary>
    /// <value>A number of 1 to 100; the default is that of the pipeline.</value>
    public int? MaxAttempts { get; set; }

    /// <summary>
    /// The partition of this request in a pipeline with partitions, instead of its authority (<see cref="PipelineOptions.PartitionBy"/>). It becomes
    /// <see cref="CallProperties.Partition"/> of the call.
    /// </summary>
    /// <value>A text of 1 to 256 characters without control characters and line separators, not a secret; the default is <see langword="null"/>.</value>
    public string? Partition { get; set; }

    /// <summary>Headers for this request. They replace those of the same name that the client sends.</summary>
    public IDictionary<string, string> Headers => _headers ??= new(StringComparer.OrdinalIgnoreCase);

    internal bool AsksForConnection => ConnectTimeout is not null || PoolTimeout is not null;

    internal void ThrowIfInvalid()
    {
        TimeoutLimits.ThrowIfOutOfRange(ConnectTimeout, TimeoutPhase.Connect, nameof(ConnectTimeout));
        TimeoutLimits.ThrowIfOutOfRange(ReadTimeout, TimeoutPhase.Read, nameof(ReadTimeout));
        TimeoutLimits.ThrowIfOutOfRange(WriteTimeout, TimeoutPhase.Write, nameof(WriteTimeout));
        TimeoutLimits.ThrowIfOutOfRange(PoolTimeout, TimeoutPhase.Pool, nameof(PoolTimeout));
        TimeoutLimits.ThrowIfOutOfRange(AttemptTimeout, TimeoutPhase.Attempt, nameof(AttemptTimeout));
        ThrowIfUndefined<CallPriority>(Priority, nameof(Priority));
        RetryLimits.ThrowIfOutOfRange(MaxAttempts, nameof(MaxAttempts));
        PartitionKey.ThrowIfInvalid(Partition, nameof(Partition));
        ThrowIfUndefined(Repetition, nameof(Repetition));
    }

    internal static void ThrowIfUndefined<TChoice>(TChoice? value, string parameterName)
        where TChoice : struct, Enum
    {
        if (value is { } choice && !Enum.IsDefined(choice))
        {
            throw new ArgumentOutOfRangeException(parameterName, choice, $"{parameterName} is one of {string.Join(", ", Enum.GetNames<TChoice>())}.");
        }
    }

    internal void ApplyHeaders(HttpRequestMessage request)
    {
        foreach (var (name, value) in _headers ?? [])
        {
            if (request.Headers.NonValidated.Contains(name))
            {
                request.Headers.Remove(name);
            }

            if (value is null || value.AsSpan().ContainsAny("\r\n\0") || !request.Headers.TryAddWithoutValidation(name, value))
            {
                throw new ArgumentException(
                    $"'{name}' in the {nameof(Headers)} of the request cannot be one of its headers: the name is not valid, it belongs to the content, or the value has a line break.");
            }
        }
    }
}
