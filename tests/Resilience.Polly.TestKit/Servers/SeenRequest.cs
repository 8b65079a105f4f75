using System.Text;

namespace Resilience.Polly.TestKit;

/// <summary>A request as it came over the wire.</summary>
/// <param name="Connection">The number of the connection that it came over, from 1.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path with the query.</param>
/// <param name="Headers">Every line of the head, in order.</param>
/// <param name="Body">The body, or what was read of it.</param>
public sealed record SeenRequest(int Connection, string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The value of a header, <see langword="null"/> when it did not come; more than one is a mistake of the test.</summary>
    public string? Header(string name) =>
        Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault();
}
