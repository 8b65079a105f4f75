using System.Globalization;
using System.Net;

namespace Resilience.Polly.Tests.Failures;

/// <summary>Every form in which servers say how long to wait.</summary>
public class RetryAfterFormsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static TimeSpan? Read(params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        foreach (var (name, value) in headers)
        {
            Assert.True(response.Headers.TryAddWithoutValidation(name, value));
        }

        return new HttpStatusException(response, new TestClock(Now)).RetryAfter;
    }

    private static string Date(DateTimeOffset at) => at.ToString("r", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2147483648", 2147483648.0)]
    [InlineData("4294967296", 4294967296.0)]
    [InlineData("9007199254740992", null)]
    [InlineData("99999999999999999999", null)]
    public void Seconds_over_int32_are_long_and_not_malformed(string value, double? seconds) =>
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : TimeSpan.MaxValue, Read(("Retry-After", value)));

    [Fact]
    public void Seconds_of_400_digits_are_long() => Assert.Equal(TimeSpan.MaxValue, Read(("Retry-After", new string('9', 400))));

    [Fact]
    public void Date_is_read_against_the_date_of_the_answer() =>
        Assert.Equal(TimeSpan.FromSeconds(5), Read(("Date", Date(Now.AddHours(-3))), ("Retry-After", Date(Now.AddHours(-3).AddSeconds(5)))));

    [Fact]
    public void Date_is_read_against_the_clock_where_the_answer_has_none_or_a_broken_one()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), Read(("Retry-After", Date(Now.AddSeconds(5)))));
        Assert.Equal(TimeSpan.FromSeconds(5), Read(("Date", "today"), ("Retry-After", Date(Now.AddSeconds(5)))));
    }

    [Theory]
    [InlineData("retry-after-ms")]
    [InlineData("x-ms-retry-after-ms")]
    [InlineData("Retry-After-Ms")]
    public void Milliseconds_come_before_seconds_and_malformed_ones_after(string name)
    {
        Assert.Equal(TimeSpan.FromMilliseconds(1500), Read((name, "1500"), ("Retry-After", "2")));
        Assert.Equal(TimeSpan.FromMilliseconds(1500.5), Read((name, "1500.5"), ("Retry-After", "2")));
        Assert.Equal(TimeSpan.FromSeconds(2), Read((name, "soon"), ("Retry-After", "2")));
        Assert.Equal(TimeSpan.FromSeconds(2), Read((name, "-1"), ("Retry-After", "2")));
        Assert.Equal(TimeSpan.FromSeconds(2), Read((name, "NaN"), ("Retry-After", "2")));
        Assert.Null(Read((name, "")));
        Assert.Equal(TimeSpan.MaxValue, Read((name, new string('9', 400))));
    }

    [Fact]
    public async Task Wait_in_milliseconds_lengthens_the_pause()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero), listeners: recorder);
        var attempts = 0;
        var call = app.Pipeline.ExecuteAsync(_ =>
        {
            var response = new HttpResponseMessage(attempts++ == 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
            response.Headers.TryAddWithoutValidation("retry-after-ms", "250");
            return new ValueTask<HttpResponseMessage>(response);
        }).AsTask();
        app.Clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(call.IsCompleted);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
    }

    [Fact]
    public async Task Wait_that_no_TimeSpan_holds_ends_the_retrying()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (3, TimeSpan.Zero));
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        response.Headers.TryAddWithoutValidation("Retry-After", "99999999999999999999");
        var dependency = new Dependency(Dependency.Throws(new HttpStatusException(response)));

        var seen = await dependency.ThroughAsync(app.Pipeline);

        Assert.Equal((1, TimeSpan.MaxValue), (dependency.Attempts, Assert.IsType<ApiUnavailableException>(seen.Exception).RetryAfter));
    }

    /// <summary>Headers in random forms, well made and broken, beside what they mean by the text of the specification.</summary>
    [Fact]
    public void Forms_in_any_mixture_mean_what_the_most_exact_well_formed_one_says()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var (ours, theirs) = (Now.AddSeconds(random.Next(-10_000, 10_000)), random.Next(3) == 0 ? (DateTimeOffset?)null : Now.AddDays(random.Next(-400, 400)));
            List<(string, string)> headers = [];
            if (theirs is { } date)
            {
                headers.Add(("Date", Date(date)));
            }

            var expected = Exact(random, "x-ms-retry-after-ms", headers);
            expected = Exact(random, "retry-after-ms", headers) ?? expected;
            var usual = Usual(random, theirs ?? Now, headers);
            expected ??= usual;

            Assert.True(expected == Read([.. headers]), $"seed {seed}, case {i}: {string.Join("; ", headers)}: expected {expected}, read {Read([.. headers])}");
        }
    }

    private static TimeSpan? Exact(Random random, string name, List<(string, string)> headers)
    {
        var (value, expected) = random.Next(6) switch
        {
            0 => ("", (TimeSpan?)null),
            1 => (random.Next(-500, 0).ToString(CultureInfo.InvariantCulture), null),
            2 => (random.NextInt64(0, 1L << 40) is var n ? $"{n}" : "", TimeSpan.FromMilliseconds(n)),
            3 => (random.Next(0, 100_000) is var f ? $"{f}.5" : "", TimeSpan.FromMilliseconds(f + 0.5)),
            4 => (new string('7', random.Next(25, 60)), TimeSpan.MaxValue),
            _ => (null!, null),
        };
        if (value is not null)
        {
            headers.Add((name, value));
        }

        return expected;
    }

    private static TimeSpan? Usual(Random random, DateTimeOffset now, List<(string, string)> headers)
    {
        var (value, expected) = random.Next(7) switch
        {
            0 => ("soon", (TimeSpan?)null),
            1 => (random.Next(-500, 0).ToString(CultureInfo.InvariantCulture), null),
            2 => (random.NextInt64(0, 1L << 36) is var n ? $"{n}" : "", TimeSpan.FromSeconds(n)),
            3 => (random.Next(-5000, 5000) is var s ? Date(now.AddSeconds(s)) : "", TimeSpan.FromSeconds(Math.Max(0, s))),
            4 => (new string('3', random.Next(20, 60)), TimeSpan.MaxValue),
            5 => ("1.5", null),
            _ => (null!, null),
        };
        if (value is not null)
        {
            headers.Add(("Retry-After", value));
        }

        return expected;
    }
}
