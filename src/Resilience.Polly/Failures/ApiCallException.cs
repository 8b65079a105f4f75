using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>A call through a named pipeline failed. The root of the guide's exceptions (guide: "What Should Be Retried?").</summary>
/// <remarks>
/// <para>The original exception, where there is one, is the <see cref="Exception.InnerException"/>. Messages never hold bodies, headers or credentials.</para>
/// <para>It is an <see cref="HttpRequestException"/>, so that code and libraries that know that one go on working. <see cref="HttpRequestException.StatusCode"/>
/// is the status of the last answer where there was one, and <see cref="HttpRequestException.HttpRequestError"/> what the transport gave as the cause.</para>
/// </remarks>
public abstract class ApiCallException : HttpRequestException
{
    /// <summary>Makes one without a pipeline, an inner exception or a message of its own.</summary>
    protected ApiCallException()
        : this("A call through a pipeline failed.")
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    protected ApiCallException(string message)
        : this(message, null)
    {
    }

    /// <summary>Makes one around the failure that caused it.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure. It gives <see cref="HttpRequestException.HttpRequestError"/>.</param>
    protected ApiCallException(string message, Exception? innerException)
        : this(message, innerException, null)
    {
    }

    /// <summary>Makes one for an answer with a status.</summary>
    /// <param name="message">What happened, and what to do next.</param>
    /// <param name="innerException">The original failure. It gives <see cref="HttpRequestException.HttpRequestError"/>.</param>
    /// <param name="statusCode">The status of the last answer, where there was one.</param>
    protected ApiCallException(string message, Exception? innerException, HttpStatusCode? statusCode)
        : base(TransportCause.Of(innerException), message, innerException, statusCode)
    {
    }

    // For a cause that is another call's: what the transport said of it is not said of this one.
    private protected ApiCallException(string message, Exception? innerException, HttpRequestError error)
        : base(error, message, innerException)
    {
    }

    /// <summary>The name of the pipeline, or <see langword="null"/> when the exception was not made by one.</summary>
    public string? PipelineName { get => Call.PipelineName; init => Call = Call with { PipelineName = value }; }

    /// <summary>The partition of the call, where its pipeline has some (<see cref="PipelineOptions.PartitionBy"/>); otherwise <see langword="null"/>.</summary>
    public string? Partition { get => Call.Partition; init => Call = Call with { Partition = value }; }

    /// <summary>The id of the call, the same on all its attempts, where the call had one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get => Call.RequestId; init => Call = Call with { RequestId = value }; }

    /// <summary>Attempts that were started; 0 when the call was rejected before the first.</summary>
    public int Attempts { get => Call.Attempts; init => Call = Call with { Attempts = value }; }

    /// <summary>
    /// How the call went, in one line for people: its wait for a slot, its attempts with what each of them failed by and the wait after it, and why there was no further one, such as
    /// <c>slot after 0 s, circuit closed, attempt 1 read timeout after 30 s, waited 1.4 s, attempt 2 HTTP 503 after 12 ms, retry budget spent</c>. It holds no message of another exception, no
    /// body and no key. Made when it is read.
    /// </summary>
    /// <value><see langword="null"/> when the exception was not made by a pipeline. The words may change with any version.</value>
    public string? CallHistory => Call.Record?.ToString() ?? (PipelineName is null || Attempts > 0 ? null : CallRecord.OfRejection(this));

    /// <summary>The call that failed.</summary>
    internal FailureContext Call { get; set; }
}
