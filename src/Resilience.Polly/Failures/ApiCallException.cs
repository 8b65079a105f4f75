using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>A call through a named pipeline failed. The root of the guide's exceptions (guide: "What Should Be Retried?").</summary>
/// <remarks>
/// <para>The <see cref="Exception.InnerException"/> is the original exception, if there is one. Messages never hold bodies, headers or credentials.</para>
/// <para>It derives from <see cref="HttpRequestException"/>, so existing code and libraries that catch that type keep working. <see cref="HttpRequestException.StatusCode"/>
/// is the status of the last answer, if there was one, and <see cref="HttpRequestException.HttpRequestError"/> the cause that the transport gave.</para>
/// </remarks>
public abstract class ApiCallException : HttpRequestException
{
    /// <summary>Creates an exception with a default message.</summary>
    protected ApiCallException()
        : this("A call through a pipeline failed.")
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    protected ApiCallException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates an exception around the failure that caused it.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure. It gives <see cref="HttpRequestException.HttpRequestError"/>.</param>
    protected ApiCallException(string message, Exception? innerException)
        : this(message, innerException, null)
    {
    }

    /// <summary>Creates an exception for an answer with a status.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure. It gives <see cref="HttpRequestException.HttpRequestError"/>.</param>
    /// <param name="statusCode">The status of the last answer, if there was one.</param>
    protected ApiCallException(string message, Exception? innerException, HttpStatusCode? statusCode)
        : base(TransportCause.Of(innerException), message, innerException, statusCode)
    {
    }

    // If the cause belongs to another call, so does what the transport said of it.
    private protected ApiCallException(string message, Exception? innerException, HttpRequestError error)
        : base(error, message, innerException)
    {
    }

    /// <summary>The name of the pipeline, or <see langword="null"/> if no pipeline created the exception.</summary>
    public string? PipelineName { get => Call.PipelineName; init => Call = Call with { PipelineName = value }; }

    /// <summary>The partition of the call, if its pipeline has any (<see cref="PipelineOptions.PartitionBy"/>); otherwise <see langword="null"/>.</summary>
    public string? Partition { get => Call.Partition; init => Call = Call with { Partition = value }; }

    /// <summary>The id of the call, the same on all its attempts, if the call had one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get => Call.RequestId; init => Call = Call with { RequestId = value }; }

    /// <summary>Attempts that were started; 0 if the call was rejected before the first.</summary>
    public int Attempts { get => Call.Attempts; init => Call = Call with { Attempts = value }; }

    /// <summary>
    /// How the call went, in one line for people: its wait for a slot, its attempts with their failures and waits, and why there was no further attempt, such as
    /// <c>slot after 0 s, circuit closed, attempt 1 read timeout after 30 s, waited 1.4 s, attempt 2 HTTP 503 after 12 ms, retry budget spent</c>. It contains no message of another exception, no
    /// body and no key. The text is built when it is read.
    /// </summary>
    /// <value><see langword="null"/> if no pipeline created the exception. The words may change with any version.</value>
    public string? CallHistory => Call.Record?.ToString() ?? (PipelineName is null || Attempts > 0 ? null : CallRecord.OfRejection(this));

    internal FailureContext Call { get; set; }
}
