namespace Resilience.Polly;

/// <summary>The store that instances share did not answer in time. What was asked of it may still happen.</summary>
public sealed class SharedStateUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What could not be done.</param>
    /// <param name="innerException">The cause.</param>
    public SharedStateUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
