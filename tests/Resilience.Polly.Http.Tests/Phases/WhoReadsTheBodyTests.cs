using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A handler may read the body of the request too, to log or to sign it. That moves no limit, and it finds the body that was given.</summary>
[Collection(nameof(RealTime))]
public class WhoReadsTheBodyTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    public enum Moment
    {
        Before,
        After,
    }

    public enum Way
    {
        Text,
        Bytes,
        Stream,
        Buffer,
        Copy,
    }

    public static TheoryData<Moment, Way, bool> Readings
    {
        get
        {
            var all = new TheoryData<Moment, Way, bool>();
            foreach (var moment in Enum.GetValues<Moment>())
            {
                foreach (var way in Enum.GetValues<Way>())
                {
                    all.Add(moment, way, true);
                    all.Add(moment, way, false);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Readings))]
    public async Task Handler_below_the_phases_that_reads_the_body_leaves_a_busy_reader_alone(Moment moment, Way way, bool sentWhole)
    {
        await using var server = new ScriptedServer(Reply.Trickle(2, Short / 10));
        var reads = new Reads(moment, way) { InnerHandler = new SocketsHttpHandler() };
        using var http = new HttpClient(new PhaseTimeoutHandler(reads, new TimeoutOptions { Read = Short })) { Timeout = Timeout.InfiniteTimeSpan };
        await LeavesAloneAsync(http, server, reads, sentWhole);
    }

    [Theory]
    [MemberData(nameof(Readings))]
    public async Task Handler_of_each_attempt_that_reads_the_body_leaves_a_busy_reader_alone(Moment moment, Way way, bool sentWhole)
    {
        await using var server = new ScriptedServer(Reply.Trickle(2, Short / 10));
        var reads = new Reads(moment, way);
        await using var app = new HttpApp(o => o.Timeout.Read = Short, client => client.AddHttpMessageHandler(() => reads));
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        await LeavesAloneAsync(http, server, reads, sentWhole);
    }

    [Fact]
    public async Task Handler_that_buffers_the_body_leaves_the_read_limit_in_force()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        var reads = new Reads(Moment.Before, Way.Buffer) { InnerHandler = new SocketsHttpHandler() };
        using var http = new HttpClient(new PhaseTimeoutHandler(reads, new TimeoutOptions { Read = Short })) { Timeout = Timeout.InfiniteTimeSpan };
        var timeout = await RealTime.FailsAtAsync<PhaseTimeoutException>(Short, () => http.PutAsync(server.Address, new StringContent("body")));
        Assert.Equal(TimeoutPhase.Read, timeout.Phase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Content_of_the_message_that_was_answered_is_the_one_that_was_given(bool sentWhole)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp();
        using var response = await app.Client.PutAsync(server.Address.AbsoluteUri, Body(sentWhole));
        await using var body = await response.RequestMessage!.Content!.ReadAsStreamAsync();
        Assert.Equal("body", await new StreamReader(body).ReadToEndAsync());
    }

    private static async Task LeavesAloneAsync(HttpClient http, ScriptedServer server, Reads reads, bool sentWhole)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, server.Address) { Content = Body(sentWhole) };
        request.SetRequestOptions(new ResilientRequestOptions { StreamResponse = true });
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await Task.Delay(3 * Short);
        Assert.Equal("xx", await response.Content.ReadAsStringAsync());
        Assert.Equal("body", reads.Seen);
        Assert.Equal("body", server.Only.Text);
    }

    private static HttpContent Body(bool sentWhole) => sentWhole ? new StringContent("body") : new RepeatedContent();

    private sealed class Reads(Moment moment, Way way) : DelegatingHandler
    {
        public string? Seen { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (moment == Moment.Before)
            {
                await ReadAsync(request.Content!);
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (moment == Moment.After)
            {
                await ReadAsync(request.Content!);
            }

            return response;
        }

        private async Task ReadAsync(HttpContent content)
        {
            using var copy = new MemoryStream();
            switch (way)
            {
                case Way.Text: Seen = await content.ReadAsStringAsync(); return;
                case Way.Bytes: copy.Write(await content.ReadAsByteArrayAsync()); break;
                case Way.Stream: await (await content.ReadAsStreamAsync()).CopyToAsync(copy); break;
                case Way.Buffer: await content.LoadIntoBufferAsync(); await content.CopyToAsync(copy); break;
                case Way.Copy: await content.CopyToAsync(copy); break;
            }

            Seen = System.Text.Encoding.UTF8.GetString(copy.ToArray());
        }
    }

    /// <summary>A content of a type that .NET does not know, which gives its bytes each time.</summary>
    private sealed class RepeatedContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync("body"u8.ToArray()).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 4;
            return true;
        }
    }
}
