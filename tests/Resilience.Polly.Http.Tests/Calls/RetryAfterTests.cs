using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>What a server asks for in Retry-After, on a clock that the test moves: real sockets, no real waiting.</summary>
public class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static HttpApp App(TestClock clock, Recorder recorder) => new(
        o =>
        {
            (o.Retry.MaxAttempts, o.Retry.MaxWait) = (2, TimeSpan.FromSeconds(60));

            // The clock runs faster than the sockets.
            o.Timeout.Connect = o.Timeout.Read = o.Timeout.Write = o.Timeout.Pool = Timeout.InfiniteTimeSpan;
            o.Timeout.Attempt = TimeoutLimits.Longest;
        },
        more: services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            services.AddResilience().AddListener(recorder);
        });

    public static TheoryData<string> Forms => ["7", Now.AddSeconds(7).ToString("r", CultureInfo.InvariantCulture)];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task RetryAfter_in_either_form_lengthens_the_wait(string header)
    {
        var (clock, recorder) = (new TestClock(Now), new Recorder());
        await using var server = new ScriptedServer(Reply.Status(503, "", ("Retry-After", header)), Reply.Ok());
        await using var app = App(clock, recorder);
        var call = app.Client.GetAsync(server.Address.AbsoluteUri);
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100)); // so many steps as the sockets take
            await Task.Yield();
        }

        (await call).Dispose();
        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.InRange(Assert.Single(recorder.Retries).Wait, TimeSpan.FromSeconds(header == "7" ? 7 : 0), TimeSpan.FromSeconds(7));
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("")]
    public async Task RetryAfter_malformed_changes_nothing(string header)
    {
        var recorder = new Recorder();
        await using var server = new ScriptedServer(Reply.Status(503, "", ("Retry-After", header)), Reply.Ok());
        await using var app = App(new TestClock(Now), recorder);
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.Equal(TimeSpan.Zero, Assert.Single(recorder.Retries).Wait);
    }

    [Theory]
    [InlineData("Retry-After", "2147483648")]
    [InlineData("Retry-After", "99999999999999999999")]
    [InlineData("retry-after-ms", "99999999999999999999")]
    public async Task RetryAfter_over_all_bounds_ends_the_retrying_at_once(string name, string value)
    {
        await using var server = new ScriptedServer(Reply.Status(503, "", (name, value)));
        await using var app = App(new TestClock(Now), new Recorder());
        var unavailable = await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.True(unavailable.RetryAfter > TimeSpan.FromDays(365));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task RetryAfter_of_an_hour_ends_the_retrying_at_once_and_is_on_the_exception()
    {
        var recorder = new Recorder();
        await using var server = new ScriptedServer(Reply.Status(503, "", ("Retry-After", "3600")));
        await using var app = App(new TestClock(Now), recorder);
        var unavailable = await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal((TimeSpan.FromHours(1), 1), (unavailable.RetryAfter, unavailable.Attempts));
        Assert.Single(server.Requests);
    }
}
