namespace Resilience.Polly.Failures;

/// <summary>
/// Walks an exception and its inner exceptions, from the outermost inwards, and those of an <see cref="AggregateException"/> one after another. It uses no
/// stack, since exceptions can be nested to any depth, and stops after <see cref="Most"/> of them.
/// </summary>
internal struct ExceptionWalk(Exception outermost)
{
    /// <summary>More than anyone nests on purpose.</summary>
    public const int Most = 1000;

    private Exception? _next = outermost;
    private Stack<Exception>? _others;
    private int _left = Most;

    public Exception Current { get; private set; } = outermost;

    public readonly ExceptionWalk GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_left-- == 0 || (_next is null && _others is not { Count: > 0 }))
        {
            return false;
        }

        Current = _next ?? _others!.Pop();
        _next = Current.InnerException;
        if (Current is AggregateException { InnerExceptions: { Count: > 1 } several })
        {
            _others ??= new();
            for (var i = Math.Min(several.Count, _left) - 1; i > 0; i--)
            {
                _others.Push(several[i]);
            }
        }

        return true;
    }
}
