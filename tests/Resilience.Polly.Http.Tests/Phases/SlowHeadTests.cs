namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>The head of an answer has one read limit as a whole, whatever comes before it or in pieces.</summary>
[Collection(nameof(RealTime))]
public class SlowHeadTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    [Theory]
    [InlineData("102 Processing")]
    [InlineData("103 Early Hints")]
    [InlineData("100 Continue")]
    public async Task Interim_answers_do_not_lengthen_the_wait_for_the_head(string interim)
    {
        await using var server = new RawServer(async (_, write, stop) =>
        {
            while (!stop.IsCancellationRequested)
            {
                await write($"HTTP/1.1 {interim}\r\n\r\n");
                await Task.Delay(Short / 8, stop);
            }
        });
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        var timeout = await RealTime.FailsAtAsync<ApiTimeoutException>(Short, () => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(TimeoutPhase.Read, timeout.Phase);
    }

    [Fact]
    public async Task Head_that_comes_in_pieces_has_one_limit()
    {
        await using var server = new RawServer(async (_, write, stop) =>
        {
            await write("HTTP/1.1 200 OK\r\n");
            for (var line = 0; !stop.IsCancellationRequested; line++)
            {
                await write($"X-Line-{line}: slow\r\n");
                await Task.Delay(Short / 8, stop);
            }
        });
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        var timeout = await RealTime.FailsAtAsync<ApiTimeoutException>(Short, () => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(TimeoutPhase.Read, timeout.Phase);
    }
}
