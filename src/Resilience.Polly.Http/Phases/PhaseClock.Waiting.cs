namespace Resilience.Polly.Http.Phases;

/// <summary>The part of the clock that runs while the attempt has no connection: at its beginning, and before each hop of a redirect.</summary>
internal sealed partial class PhaseClock
{
    /// <summary>The attempt did not get a connection at once; from here on its wait is measured.</summary>
    public void WaitAt(AttemptMessage message, Endpoint endpoint) => Waits(message, endpoint, static (wait, _, endpoint) => wait.At(endpoint));

    /// <summary>A connection is being opened for this attempt, although another one may serve it.</summary>
    public void Connecting(AttemptMessage message, Connection connection) =>
        Waits(message, connection, static (wait, message, connection) => wait.Connecting(message, connection));

    /// <summary>The connections of the server have changed, and so perhaps what this attempt waits for.</summary>
    public void LookAgain() => Waits(_message, this, static (wait, _, _) => wait.LookAgain());

    /// <summary>The answer names another address. If the transport follows it, the attempt waits for another connection.</summary>
    public void MayBeRedirected(AttemptMessage message, Endpoints endpoints)
    {
        lock (_lock)
        {
            if (IsRunning(message) && _acquired && !_deadlines.State.IsAnswered)
            {
                _acquired = false;
                _wait.MayBeRedirected(message, endpoints);
                _timer.Set(this, _wait.Due);
            }
        }
    }

    private void Waits<T>(AttemptMessage? message, T with, Action<ConnectionWait, AttemptMessage, T> turn)
    {
        lock (_lock)
        {
            if (message is not null && IsWaiting(message))
            {
                turn(_wait, message, with);
                _timer.Set(this, _wait.Due);
            }
        }
    }

    private bool IsWaiting(AttemptMessage message) => IsRunning(message) && !_acquired;
}
