using System.Reflection;
using System.Runtime.CompilerServices;
using Resilience.Polly.AspNetCore;
using Resilience.Polly.Http;
using Resilience.Polly.Redis;

namespace Resilience.Polly.Tests.House;

/// <summary>The rules of the house that a compiler does not check.</summary>
public class HouseTests
{
    private static readonly Assembly Core = typeof(PipelineOptions).Assembly;

    private static readonly Assembly Http = typeof(ResilientClient).Assembly;

    private static readonly Assembly AspNetCore = typeof(DashboardOptions).Assembly;

    private static readonly Assembly Redis = typeof(RedisOptions).Assembly;

    private static readonly Assembly[] All = [Core, Http, AspNetCore, Redis];

    public static TheoryData<string> Packages => [.. All.Select(package => package.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicTypes_are_sealed_unless_made_for_inheritance(string package)
    {
        Type[] bases = [typeof(ApiCallException), typeof(PipelineEvent), typeof(RequestQueueProvider), typeof(ScatterPart), typeof(ApiConnectionException), typeof(ApiTimeoutException), typeof(PoolTimeoutException), typeof(ApiStatusException),
            typeof(ConsecutiveCircuitBreakerStrategyOptions<>), typeof(BudgetedRetryStrategyOptions<>), typeof(SharedStateOptions)];
        Assert.Empty(Package(package).GetExportedTypes().Where(type => type.IsClass && !type.IsSealed).Except(bases));
    }

    [Fact]
    public void Namespaces_are_flat_and_extensions_live_with_what_they_extend()
    {
        Assert.Equal(["Microsoft.Extensions.DependencyInjection", "Polly", "Resilience.Polly"], NamespacesOf(Core));
        Assert.Equal(["Microsoft.Extensions.DependencyInjection", "Resilience.Polly.Http", "System.Net.Http"], NamespacesOf(Http));
        Assert.Equal(["Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Http", "Microsoft.Extensions.DependencyInjection", "Resilience.Polly.AspNetCore"], NamespacesOf(AspNetCore));
        Assert.Equal(["Microsoft.Extensions.DependencyInjection", "Resilience.Polly.Redis"], NamespacesOf(Redis));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_opens_itself_to_nobody_and_only_one_knows_a_web_server_and_only_one_Redis(string package)
    {
        var references = Package(package).GetReferencedAssemblies().Select(reference => reference.Name!).ToArray();
        Assert.Equal(package == Redis.GetName().Name, references.Any(name => name.Contains("Redis", StringComparison.Ordinal)));
        Assert.Equal(package == AspNetCore.GetName().Name, references.Any(name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)));
        Assert.Empty(Package(package).GetCustomAttributes<InternalsVisibleToAttribute>());
    }

    [Fact]
    public void Core_knows_none_of_the_other_packages()
    {
        Assert.DoesNotContain(Core.GetReferencedAssemblies(), reference =>
            reference.Name!.StartsWith("Resilience.", StringComparison.Ordinal) || reference.Name == "Microsoft.Extensions.Http");
    }

    [Fact]
    public void AspNetCore_knows_the_core_and_none_of_the_others() =>
        Assert.Equal("Resilience.Polly", Assert.Single(AspNetCore.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Resilience.", StringComparison.Ordinal)).Name);

    [Fact]
    public void Redis_knows_the_core_and_none_of_the_others() =>
        Assert.Equal("Resilience.Polly", Assert.Single(Redis.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Resilience.", StringComparison.Ordinal)).Name);

    [Fact]
    public void Lists_in_messages_are_bounded_by_NameList_or_fixed_in_code()
    {
        // What these join is written in the code: keys, presets, names of an enum, ids of advice, statuses, strategies, modules, handlers of one client.
        string[] isFixed =
        [
            "ClientErrorsRetried", "Kinds", "NameList", "NestedRetriesFilter", "PageEndpoint", "PipelineSummary", "ResilientRequestOptions", "ResilienceBuilderExtensions", "SettingsBlock",
        ];
        var joins = SourceFiles().Where(file => File.ReadAllText(file).Contains("string.Join(", StringComparison.Ordinal)).Select(file => Path.GetFileNameWithoutExtension(file));

        Assert.Empty(joins.Except(isFixed));
    }

    private static IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static Assembly Package(string name) => All.Single(package => package.GetName().Name == name);

    private static IEnumerable<string> NamespacesOf(Assembly package) => package.GetExportedTypes().Select(type => type.Namespace!).Distinct().Order();

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
