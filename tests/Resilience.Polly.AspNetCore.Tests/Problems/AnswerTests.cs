namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>What each failure becomes, and what none of them tells.</summary>
public class AnswerTests
{
    private static readonly Dictionary<int, string> Titles = new()
    {
        [500] = "An error occurred while processing your request.",
        [502] = "Bad Gateway",
        [503] = "Service Unavailable",
        [504] = "Gateway Timeout",
    };

    public static TheoryData<string> Names => FailureCase.Names;

    public static TheoryData<string, string> NamesAndEnvironments =>
        [.. FailureCase.Answered.SelectMany(c => new[] { (c.Name, "Production"), (c.Name, "Development") })];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Failure_becomes_its_status_with_problem_details(string name)
    {
        var expected = FailureCase.Of(name);
        await using var app = await ProblemApp.ThatThrowsAsync(expected.Failure);

        var answer = await app.GetAsync();

        Assert.Equal(expected.Status, answer.Status);
        Assert.Equal(expected.RetryAfter, answer.RetryAfter);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal($"{expected.Status}", answer["status"]);
        Assert.Equal(Titles[expected.Status], answer["title"]);
        Assert.StartsWith("https://tools.ietf.org/html/rfc9110#", answer["type"], StringComparison.Ordinal);
        Assert.NotEmpty(answer["traceId"]!);
        Assert.Equal(expected.Status == 500, answer["detail"] is null);
    }

    [Theory]
    [MemberData(nameof(NamesAndEnvironments))]
    public async Task Answer_tells_nothing_of_the_failure(string name, string environment)
    {
        await using var app = await ProblemApp.ThatThrowsAsync(FailureCase.Of(name).Failure, environment: environment);

        var answer = await app.GetAsync();

        Assert.DoesNotContain(FailureCase.Secret, answer.Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(FailureCase.Secret, answer.Headers, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("circuit", answer.Body, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Details_are_four_sentences()
    {
        var details = new HashSet<string?>();
        foreach (var failure in FailureCase.Answered.Where(c => c.Status != 500))
        {
            await using var app = await ProblemApp.ThatThrowsAsync(failure.Failure);
            details.Add((await app.GetAsync())["detail"]);
        }

        Assert.Equal(
            [
                "A service that the answer depends on could not be reached, or failed.",
                "A service that the answer depends on did not answer in time.",
                "A service that the answer depends on is not available at present. Try again later.",
                "There is no room for this request at present. Try again later.",
            ],
            details.Order(StringComparer.Ordinal));
    }
}
