namespace Resilience.Polly.Tests.Guide;

/// <summary>The services of an example, each with its mood.</summary>
internal sealed class Services : IUserServices
{
    private readonly Dictionary<string, Mood> _moods = [];
    private readonly TaskCompletionSource<string[]> _never = new();
    private int _hung;
    private int _failed;

    /// <summary>How a service behaves. Without an entry it answers.</summary>
    public enum Mood
    {
        Answers,
        Fails,
        Hangs,
        HangsAndIgnoresItsToken,
    }

    public Mood this[string service]
    {
        get => _moods.GetValueOrDefault(service);
        set => _moods[service] = value;
    }

    /// <summary>Requests that hang, or did so until they were cancelled.</summary>
    public int Hung => Volatile.Read(ref _hung);

    /// <summary>Requests that failed.</summary>
    public int Failed => Volatile.Read(ref _failed);

    public async ValueTask<string[]> GetAsync(string service, string userId, CancellationToken cancellationToken)
    {
        await Task.Yield();
        switch (this[service])
        {
            case Mood.Fails:
                Interlocked.Increment(ref _failed);
                throw new HttpRequestException("answered", null, System.Net.HttpStatusCode.ServiceUnavailable);
            case Mood.Hangs:
                Interlocked.Increment(ref _hung);
                return await _never.Task.WaitAsync(cancellationToken);
            case Mood.HangsAndIgnoresItsToken:
                Interlocked.Increment(ref _hung);
                return await _never.Task;
            default:
                return [$"{service} of {userId}"];
        }
    }
}
