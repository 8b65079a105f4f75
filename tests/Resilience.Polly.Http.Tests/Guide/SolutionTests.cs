using System.Net.Http.Json;

namespace Resilience.Polly.Http.Tests.Guide;

/// <summary>The examples of the guide's chapter "Why Resilience Patterns Matter", without and with protection.</summary>
public class SolutionTests
{
    private static ScriptedServer WithoutRecommendations() => new((request, _) =>
        request.Path.StartsWith("/recommend", StringComparison.Ordinal) ? Reply.Status(503) : Reply.Json($"\"{request.Path}\""));

    [Fact]
    public async Task User_profile_without_protection_is_not_there_without_recommendations()
    {
        await using var server = WithoutRecommendations();
        using var http = new HttpClient { BaseAddress = server.Address };
        await Assert.ThrowsAsync<HttpRequestException>(() => GetFragileProfileAsync(7));

        // Bad: one failing service, and there is no profile at all.
        async Task<string?[]> GetFragileProfileAsync(int userId)
        {
            var userData = await http.GetFromJsonAsync<string>($"/users/{userId}");
            var paymentData = await http.GetFromJsonAsync<string>($"/payments/{userId}");
            var recommendations = await http.GetFromJsonAsync<string>($"/recommend/{userId}");
            return [userData, paymentData, recommendations];
        }
    }

    [Fact]
    public async Task User_profile_is_there_without_recommendations()
    {
        await using var server = WithoutRecommendations();
        await using var app = new HttpApp(o => o.BaseAddress = server.Address);
        var client = app.Client;
        Assert.Equal(["/users/7", "/payments/7", "popular products"], await GetUserProfileAsync(7));

        // Good: timeout, retry, circuit breaker and bulkhead are in the client. What can be left out has a fallback.
        async Task<string?[]> GetUserProfileAsync(int userId)
        {
            var userData = await client.GetJsonAsync<string>($"/users/{userId}");
            var paymentData = await client.GetJsonAsync<string>($"/payments/{userId}");
            string? recommendations;
            try
            {
                recommendations = await client.GetJsonAsync<string>($"/recommend/{userId}");
            }
            catch (ApiConnectionException)
            {
                recommendations = "popular products";
            }

            return [userData, paymentData, recommendations];
        }
    }
}
