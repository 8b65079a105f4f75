namespace Resilience.Polly.Tests.Failures;

/// <summary>Rules on results, null among them.</summary>
public class ResultRuleTests
{
    private static async Task<int> AttemptsAsync<T>(T result, Action<FailureOptions> rules)
    {
        await using var app = TestPipelines.Of(o =>
        {
            (o.Retry.MaxAttempts, o.Retry.MinWait) = (3, TimeSpan.Zero);
            rules(o.Failures);
        });
        var attempts = 0;
        await app.Pipeline.ExecuteAsync(_ =>
        {
            attempts++;
            return new ValueTask<T>(result);
        });
        return attempts;
    }

    [Fact]
    public async Task Rule_on_a_type_is_asked_about_null_where_the_delegate_returns_that_type_or_one_of_its_own()
    {
        Assert.Equal(3, await AttemptsAsync<string?>(null, rules => rules.RetryResult<string?>(s => s is null)));
        Assert.Equal(3, await AttemptsAsync<int?>(null, rules => rules.RetryResult<int?>(n => n is null)));
        Assert.Equal(3, await AttemptsAsync<string?>(null, rules => rules.RetryResult<object?>(o => o is null)));
        Assert.Equal(3, await AttemptsAsync<List<int>?>(null, rules => rules.RetryResult<IEnumerable<int>?>(o => o is null)));
    }

    [Fact]
    public async Task Rule_on_a_type_is_not_asked_about_null_of_another_type()
    {
        Assert.Equal(1, await AttemptsAsync<string?>(null, rules => rules.RetryResult<Version?>(s => s is null)));
        Assert.Equal(1, await AttemptsAsync<object?>(null, rules => rules.RetryResult<string?>(s => s is null)));
        Assert.Equal(1, await AttemptsAsync<string?>(null, rules => rules.RetryResult<int>(_ => true)));
        Assert.Equal(1, await AttemptsAsync<int?>(null, rules => rules.RetryResult<int>(_ => true)));
    }

    [Fact]
    public async Task Rule_is_asked_about_what_is_not_null_as_before()
    {
        Assert.Equal(1, await AttemptsAsync<string?>("a", rules => rules.RetryResult<string?>(s => s is null)));
        Assert.Equal(3, await AttemptsAsync<object?>("a", rules => rules.RetryResult<string?>(s => s == "a")));
        Assert.Equal(3, await AttemptsAsync<int?>(7, rules => rules.RetryResult<int>(n => n == 7)));
        Assert.Equal(3, await AttemptsAsync(7, rules => rules.RetryResult<int?>(n => n == 7)));
    }
}
