using System.Reflection;
using System.Runtime.CompilerServices;

namespace Resilience.Polly.Tests;

/// <summary>The rules of the house that a compiler does not check.</summary>
public class HouseTests
{
    private static readonly Assembly Core = typeof(PipelineOptions).Assembly;

    [Fact]
    public void PublicTypes_are_sealed_unless_made_for_inheritance()
    {
        Type[] bases = [typeof(ApiException), typeof(ApiConnectionException), typeof(ApiTimeoutException), typeof(ApiStatusException)];
        Assert.Empty(Core.GetExportedTypes().Where(type => type.IsClass && !type.IsSealed).Except(bases));
    }

    [Fact]
    public void Namespaces_are_flat_and_extensions_live_with_what_they_extend()
    {
        Assert.Equal(
            ["Microsoft.Extensions.DependencyInjection", "Resilience.Polly"],
            Core.GetExportedTypes().Select(type => type.Namespace!).Distinct().Order());
    }

    [Fact]
    public void Core_knows_no_web_server_and_no_Redis_and_opens_itself_to_nobody()
    {
        var references = Core.GetReferencedAssemblies().Select(reference => reference.Name!).ToArray();
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name.Contains("Redis", StringComparison.Ordinal));
        Assert.Empty(Core.GetCustomAttributes<InternalsVisibleToAttribute>());
    }

    [Fact]
    public void SourceFiles_are_small()
    {
        var lengths = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => File.ReadLines(file).Count())
            .Order()
            .ToArray();
        Assert.True(lengths.Length > 80, $"only {lengths.Length} files were found");
        Assert.InRange(lengths[lengths.Length / 2], 1, 60);
        Assert.InRange(lengths[^1], 1, 300);
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
