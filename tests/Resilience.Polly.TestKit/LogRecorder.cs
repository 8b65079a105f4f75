using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.TestKit;

/// <summary>Keeps what the library logs, as "Level: message"; other categories are passed over.</summary>
public sealed class LogRecorder(string category = "Resilience.Polly") : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<int, LogLevel> _events = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The events that were logged, with their levels.</summary>
    public IReadOnlyDictionary<int, LogLevel> Events => _events;

    public ILogger CreateLogger(string categoryName) =>
        categoryName == category ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _events[eventId.Id] = logLevel;
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }

    public void Dispose()
    {
    }
}
