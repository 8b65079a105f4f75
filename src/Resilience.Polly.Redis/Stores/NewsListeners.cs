namespace Resilience.Polly.Redis.Stores;

/// <summary>Who hears the news of one channel.</summary>
internal sealed class NewsListeners<TNews>
{
    private readonly Lock _gate = new();
    private volatile Action<TNews>? _listeners;

    public IDisposable Add(Action<TNews> listener)
    {
        Change(all => all + listener);
        return new Listener(this, listener);
    }

    public void Tell(TNews news) => _listeners?.Invoke(news);

    private void Change(Func<Action<TNews>?, Action<TNews>?> change)
    {
        lock (_gate)
        {
            _listeners = change(_listeners);
        }
    }

    private sealed class Listener(NewsListeners<TNews> all, Action<TNews> listener) : IDisposable
    {
        public void Dispose() => all.Change(listeners => listeners - listener);
    }
}
