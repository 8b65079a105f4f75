using System.Text;
using Microsoft.Extensions.Configuration;

namespace Resilience.Polly.TestKit;

/// <summary>A configuration that a test rewrites while the application runs, as an edited file would.</summary>
public sealed class LiveJson
{
    private readonly Source _source = new();
    private readonly IConfigurationRoot _root;

    public LiveJson(string content)
    {
        _source.Content = content;
        _root = new ConfigurationBuilder().Add(_source).Build();
    }

    public IConfigurationSection Section => _root.GetSection("Resilience");

    /// <summary>Replaces the whole content and tells the application.</summary>
    public void Change(string content)
    {
        _source.Content = content;
        _root.Reload();
    }

    private sealed class Source : IConfigurationSource
    {
        public string Content { get; set; } = "{}";

        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(this);
    }

    private sealed class Provider(Source source) : ConfigurationProvider
    {
        public override void Load()
        {
            using var text = new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Resilience": {{source.Content}} }"""));
            Data = new ConfigurationBuilder().AddJsonStream(text).Build().AsEnumerable()
                .ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.OrdinalIgnoreCase);
        }
    }
}
