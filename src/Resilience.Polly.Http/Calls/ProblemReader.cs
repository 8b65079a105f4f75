using System.Net;
using System.Text.Json;

namespace Resilience.Polly.Http.Calls;

/// <summary>Reads problem details (RFC 9457). A member that is not what it should be is passed over, and so is a body that is no JSON object.</summary>
internal static class ProblemReader
{
    public static ApiProblem? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The last member of a name counts.
    private static ApiProblem Read(JsonElement members)
    {
        var problem = new ApiProblem();
        foreach (var member in members.EnumerateObject())
        {
            try
            {
                problem = With(problem, member.Name, member.Value);
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair, or bytes that are not UTF-8.
            }
        }

        return problem;
    }

    private static ApiProblem With(ApiProblem problem, string name, JsonElement value) => (name, value.ValueKind) switch
    {
        ("type", JsonValueKind.String) => problem with { Type = value.GetString() },
        ("title", JsonValueKind.String) => problem with { Title = value.GetString() },
        ("detail", JsonValueKind.String) => problem with { Detail = value.GetString() },
        ("instance", JsonValueKind.String) => problem with { Instance = value.GetString() },
        ("status", JsonValueKind.Number) when value.TryGetInt32(out var status) => problem with { Status = (HttpStatusCode)status },
        _ => problem,
    };
}
