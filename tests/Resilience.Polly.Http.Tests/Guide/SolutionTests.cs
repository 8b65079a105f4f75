namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The example of the guide's chapter "The Solution: Resilience Patterns".</summary>
public class SolutionTests
{
    [Fact]
    public async Task User_profile_is_there_without_recommendations()
    {
        await using var server = new ScriptedServer((request, _) =>
            request.Path.StartsWith("/recommend", StringComparison.Ordinal) ? Reply.Status(503) : Reply.Json($"\"{request.Path}\""));
        await using var app = new HttpApp(o => o.BaseAddress = server.Address);
        Assert.Equal(["/users/7", "/payments/7", "popular"], await GetUserProfileAsync(app.Client, 7));
    }

    private static async Task<string?[]> GetUserProfileAsync(ResilientClient client, int userId)
    {
        // Timeout: fail fast if service is slow
        // Retry: handle transient failures automatically
        // Circuit breaker: protect from cascading failures
        // Bulkhead: prevent one slow service from blocking others
        var userData = await client.GetJsonAsync<string>($"/users/{userId}");
        var paymentData = await client.GetJsonAsync<string>($"/payments/{userId}");
        string? recommendations;
        try
        {
            recommendations = await client.GetJsonAsync<string>($"/recommend/{userId}");
        }
        catch (ApiConnectionException)
        {
            // Graceful degradation - app still works without recommendations
            recommendations = "popular";
        }

        return [userData, paymentData, recommendations];
    }
}
