using System.Text;
using Microsoft.Extensions.Configuration;

namespace Resilience.Polly.TestKit;

/// <summary>Configuration from text.</summary>
public static class Json
{
    /// <summary>The section <c>Resilience</c> with <paramref name="content"/> in it.</summary>
    public static IConfigurationSection Section(string content) =>
        new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Resilience": {{content}} }""")))
            .Build()
            .GetSection("Resilience");
}
