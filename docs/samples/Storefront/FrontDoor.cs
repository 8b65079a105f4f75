namespace Storefront;

/// <summary>Whether the pages of the shop answer from outside.</summary>
internal static class FrontDoor
{
    private static readonly string[] Paths = ["/resilience", "/feed/1", "/home/1"];

    /// <summary>What does not answer, in words; empty if all does.</summary>
    public static async Task<IReadOnlyList<string>> TryAsync(string address)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var broken = new List<string>();
        foreach (var path in Paths)
        {
            try
            {
                using var answer = await http.GetAsync(path);
                answer.EnsureSuccessStatusCode();
            }
            catch (HttpRequestException failure)
            {
                broken.Add($"{path} does not answer: {failure.Message}");
            }
        }

        return broken;
    }
}
