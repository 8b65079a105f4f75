using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Resilience.Polly.TestKit;

/// <summary>What a host says about where it runs; only the name matters here.</summary>
public sealed class TestEnvironment(string name) : IHostEnvironment
{
    public string EnvironmentName { get; set; } = name;

    public string ApplicationName { get; set; } = "tests";

    public string ContentRootPath { get; set; } = "";

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
