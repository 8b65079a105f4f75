namespace Resilience.Polly.Tests.Degradation;

/// <summary>A delegate of a part that goes on until the test says how it ends.</summary>
internal sealed class HeldPart<T>(bool heedsToken = true)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CancellationToken Token { get; private set; }

    public bool HasStarted => _started.Task.IsCompleted;

    public Task StartedAsync() => _started.Task.WaitAsync(HeldCall.Patience);

    public Task EndedAsync() => _ended.Task.WaitAsync(HeldCall.Patience);

    public void Answer(T value) => _answer.TrySetResult(value);

    public void Fail(Exception exception) => _answer.TrySetException(exception);

    public async ValueTask<T> CallAsync(CancellationToken cancellationToken)
    {
        Token = cancellationToken;
        _started.TrySetResult();
        try
        {
            return await (heedsToken ? _answer.Task.WaitAsync(cancellationToken) : _answer.Task);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
