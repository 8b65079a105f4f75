namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>Retry:Methods and the attempts of one request, against a real server.</summary>
public class RetryMethodsTests
{
    [Theory]
    [InlineData("DELETE", null, null, null, 3)]
    [InlineData("DELETE", "GET, put", null, null, 1)]
    [InlineData("PUT", "GET, put", null, null, 3)]
    [InlineData("GET", "GET, put", null, null, 3)]
    [InlineData("POST", "POST", null, null, 1)] // allowed here, not by the rules
    [InlineData("DELETE", "GET", CallRepetition.Safe, null, 3)] // the request says so itself
    [InlineData("GET", null, null, 1, 1)]
    [InlineData("GET", null, null, 5, 5)]
    public async Task Request_is_sent_as_often_as_methods_and_request_allow(string method, string? methods, CallRepetition? repetition, int? maxAttempts, int attempts)
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = new HttpApp(o => (o.Retry.MaxAttempts, o.Retry.Methods) = (3, methods));
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);
        request.SetRequestOptions(new ResilientRequestOptions { Repetition = repetition, MaxAttempts = maxAttempts });

        await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.SendAsync(request));
        Assert.Equal(attempts, server.Requests.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task MaxAttempts_out_of_range_is_refused_before_anything_is_sent(int maxAttempts)
    {
        await using var server = new ScriptedServer(Reply.Status(503));
        await using var app = new HttpApp();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { MaxAttempts = maxAttempts }));
        Assert.Empty(server.Requests);
    }
}
