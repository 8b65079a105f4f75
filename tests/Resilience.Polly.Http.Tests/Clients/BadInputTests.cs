namespace Resilience.Polly.Http.Tests.Clients;

/// <summary>What cannot be sent is refused before anything is sent, in words that say what to do.</summary>
public class BadInputTests
{
    private static async Task<TException> RefusedAsync<TException>(Func<ResilientClient, string, Task> send)
        where TException : Exception
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        var refused = await Assert.ThrowsAsync<TException>(() => send(app.Client, server.Address.AbsoluteUri));
        Assert.Equal(0, server.Connections);
        Assert.Equal(0, app.Snapshot.Calls.Total);
        return refused;
    }

    [Theory]
    [InlineData("/orders")]
    [InlineData("orders")]
    [InlineData("")]
    public async Task Address_that_is_relative_needs_a_base_address(string address)
    {
        var refused = await RefusedAsync<InvalidOperationException>((client, _) => client.GetAsync(address));
        Assert.Equal(
            "The address is relative, and client 'payments' has no base address. Set BaseAddress of pipeline 'payments', or use an absolute address.",
            refused.Message);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("file:///etc/hosts")]
    public async Task Address_of_another_scheme_is_refused(string address) =>
        Assert.Contains("allowed are http and https", (await RefusedAsync<ArgumentException>((client, _) => client.GetAsync(address))).Message);

    [Fact]
    public async Task Address_that_would_name_another_server_is_refused() =>
        Assert.Contains("begins with two slashes", (await RefusedAsync<ArgumentException>((client, _) => client.GetAsync("//evil.example/x"))).Message);

    [Fact]
    public async Task Address_that_is_none_is_refused() =>
        await RefusedAsync<ArgumentException>((client, _) => client.GetAsync("http://"));

    [Fact]
    public async Task Address_and_message_must_be_there()
    {
        await RefusedAsync<ArgumentNullException>((client, _) => client.GetAsync(null!));
        await RefusedAsync<ArgumentNullException>((client, _) => client.SendAsync(null!));
    }

    public static TheoryData<string, string> Ids => new()
    {
        { "", "is empty" },
        { new string('x', 256), "has 256 characters" },
        { "line\nbreak", "not printable ASCII" },
        { "café", "not printable ASCII" },
        { " x", "begins or ends with a space" },
        { "x ", "begins or ends with a space" },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task RequestId_that_does_not_survive_a_header_is_refused(string id, string problem)
    {
        Assert.Contains(problem, (await RefusedAsync<ArgumentException>((client, address) => client.GetAsync(address, id))).Message);
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => new HttpRequestMessage().SetRequestId(id)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public async Task RequestId_at_the_ends_of_its_range_is_accepted(int length)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        (await app.Client.GetAsync(server.Address.AbsoluteUri, new string('~', length))).Dispose();
    }

    [Fact]
    public async Task Key_in_a_header_is_checked_too()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address) { Headers = { { "Idempotency-Key", "\"\"" } } };
        Assert.Contains("is empty", (await Assert.ThrowsAsync<ArgumentException>(() => app.Client.SendAsync(request))).Message);
        Assert.Empty(server.Requests);
    }

    public static TheoryData<string, string> Timeouts => new()
    {
        { nameof(ResilientRequestOptions.ConnectTimeout), "00:00:00" },
        { nameof(ResilientRequestOptions.ReadTimeout), "00:00:00" },
        { nameof(ResilientRequestOptions.ReadTimeout), "-00:00:01" },
        { nameof(ResilientRequestOptions.ReadTimeout), "1.00:00:00.0000001" },
        { nameof(ResilientRequestOptions.WriteTimeout), "00:00:00.0009999" },
        { nameof(ResilientRequestOptions.PoolTimeout), "-00:00:01" },
        { nameof(ResilientRequestOptions.PoolTimeout), "1.00:00:00.0000001" },
        { nameof(ResilientRequestOptions.AttemptTimeout), "00:00:00" },
    };

    [Theory]
    [MemberData(nameof(Timeouts))]
    public async Task Timeout_out_of_range_is_refused(string property, string value)
    {
        var options = new ResilientRequestOptions();
        typeof(ResilientRequestOptions).GetProperty(property)!.SetValue(options, TimeSpan.Parse(value, null));
        var refused = await RefusedAsync<ArgumentOutOfRangeException>((client, address) => client.GetAsync(address, options: options));
        Assert.Equal(property, refused.ParamName);
        Assert.Contains("out of range, allowed is 00:00:00", refused.Message);
        Assert.Contains("1.00:00:00", refused.Message);
    }

    [Fact]
    public async Task Timeout_may_be_infinite_for_one_request()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        var never = Timeout.InfiniteTimeSpan;
        (await app.Client.GetAsync(server.Address.AbsoluteUri, options: new()
        {
            ConnectTimeout = never, ReadTimeout = never, WriteTimeout = never, PoolTimeout = never, AttemptTimeout = never,
        })).Dispose();
    }

    [Theory]
    [InlineData("not a name", "x")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("X-Break", "one\r\nX-Other: two")]
    public async Task Header_that_cannot_be_one_is_refused_without_its_value(string name, string value)
    {
        var refused = await RefusedAsync<ArgumentException>((client, address) => client.GetAsync(address, options: new() { Headers = { [name] = value } }));
        Assert.Contains(name, refused.Message);
        Assert.DoesNotContain("two", refused.Message);
    }

    [Fact]
    public async Task Priority_that_does_not_exist_is_refused() =>
        await RefusedAsync<ArgumentOutOfRangeException>((client, address) => client.GetAsync(address, options: new() { Priority = (CallPriority)7 }));
}
