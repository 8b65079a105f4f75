using Microsoft.Extensions.Logging;

namespace Resilience.Polly.TestKit;

/// <summary>A log that one event cannot be written to.</summary>
public sealed class BrokenLog(int broken) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == broken)
        {
            throw new InvalidOperationException("the disk is full");
        }
    }

    public void Dispose()
    {
    }
}
