using Polly;

namespace Resilience.Polly.Tests.Degradation;

public class ScatterGatherMisuseTests
{
    private static readonly Func<CancellationToken, ValueTask<int>> Call = _ => new ValueTask<int>(1);

    private readonly ScatterGather _gather = new(new TestClock());

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-00:00:01")]
    [InlineData("-00:00:00.0010000")] // infinite
    [InlineData("1.00:00:00.0010000")]
    public void RunAsync_deadline_out_of_range_is_refused_and_the_parts_can_still_be_run(string deadline)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => { _ = _gather.RunAsync(TimeSpan.Parse(deadline, null)); });

        Assert.StartsWith("The deadline is out of range, allowed is 00:00:00.0010000 to 1.00:00:00", refused.Message, StringComparison.Ordinal);
        Assert.True(_gather.RunAsync(TimeSpan.FromDays(1)).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("-00:00:00.0010000")]
    [InlineData("1.00:00:00.0010000")]
    public void FallbackGrace_out_of_range_is_refused(string grace)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => _gather.FallbackGrace = TimeSpan.Parse(grace, null));

        Assert.StartsWith("The FallbackGrace is out of range, allowed is 00:00:00 to 1.00:00:00", refused.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMilliseconds(25), _gather.FallbackGrace);
    }

    [Fact]
    public void Add_name_that_is_taken_or_empty_is_refused()
    {
        _gather.Add("posts", Call);
        Assert.Contains("'posts'", Assert.Throws<ArgumentException>(() => _gather.Add("posts", Call, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _gather.Add(" ", Call));
        Assert.Throws<ArgumentNullException>(() => _gather.Add(null!, Call));
        Assert.Equal("Posts", _gather.Add("Posts", Call).Name);
    }

    [Fact]
    public void Add_null_is_refused()
    {
        Assert.Throws<ArgumentNullException>("call", () => _gather.Add<int>("a", null!));
        Assert.Throws<ArgumentNullException>("pipeline", () => _gather.Add("a", null!, Call, 1));
        Assert.Throws<ArgumentNullException>("call", () => _gather.Add<int>("a", ResiliencePipeline.Empty, null!));
        Assert.Throws<ArgumentNullException>("fallback", () => _gather.Add("a", Call, (Func<CancellationToken, ValueTask<int>>)null!));
        Assert.Throws<ArgumentNullException>("fallback", () => _gather.Add("a", ResiliencePipeline.Empty, Call, (Func<Exception, CancellationToken, ValueTask<int>>)null!));
        Assert.Empty(_gather.Parts);
    }

    [Fact]
    public async Task Used_again_after_the_run_is_refused()
    {
        await _gather.RunAsync(TimeSpan.FromSeconds(1));

        Assert.StartsWith("This ScatterGather has been run.", Assert.Throws<InvalidOperationException>(() => _gather.Add("a", Call)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => { _ = _gather.RunAsync(TimeSpan.FromSeconds(1)); });
        Assert.Throws<InvalidOperationException>(() => _gather.FallbackGrace = TimeSpan.Zero);
    }

    [Fact]
    public void Read_before_the_run_is_refused()
    {
        var part = _gather.Add("posts", Call);

        Assert.Equal("Part 'posts' has no value yet. Await RunAsync first.", Assert.Throws<InvalidOperationException>(() => part.Value).Message);
        Assert.Throws<InvalidOperationException>(() => _gather.Degraded);
        Assert.Equal((ScatterPartState.Pending, false, false), (part.State, part.HasValue, part.IsDegraded));
    }
}
