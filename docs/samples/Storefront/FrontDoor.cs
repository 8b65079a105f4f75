namespace Storefront;

/// <summary>Whether what the shop serves can be had from outside.</summary>
internal static class FrontDoor
{
    private static readonly string[] Paths = ["/resilience", "/feed/1", "/home/1"];

    /// <summary>What cannot be had, in words; none when all is well.</summary>
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
                broken.Add($"{path} cannot be had: {failure.Message}");
            }
        }

        return broken;
    }
}
