using System.Collections.Concurrent;

namespace Storefront;

/// <summary>The cache behind a page: the last good answer for each account. A page uses it if there is no new one.</summary>
internal sealed class LastAnswers<T>
    where T : class
{
    private readonly ConcurrentDictionary<int, T> _answers = new();

    public Func<CancellationToken, ValueTask<T>> Keeping(int userId, Func<CancellationToken, ValueTask<T>> call) =>
        async token => _answers[userId] = await call(token);

    public T? Of(int userId) => _answers.GetValueOrDefault(userId);

    /// <exception cref="KeyNotFoundException">There was no answer yet.</exception>
    public ValueTask<T> OrThrowAsync(int userId) =>
        new(Of(userId) ?? throw new KeyNotFoundException($"Nothing is remembered for account {userId}."));
}
