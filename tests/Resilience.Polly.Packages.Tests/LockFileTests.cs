using System.Text.Json;

namespace Resilience.Polly.Packages.Tests;

/// <summary>When the lock files of the libraries hold.</summary>
public class LockFileTests
{
    private static readonly string Library = Path.Combine(PackedPackages.Root, "src", "Resilience.Polly");

    [Theory]
    [InlineData("")]
    [InlineData("true")]
    public async Task Lock_files_hold_for_the_libraries_and_CI_must_not_change_them(string ci)
    {
        var settings = await EvaluateAsync("-p:CI=" + ci);

        Assert.Equal("true", settings.GetProperty("RestorePackagesWithLockFile").GetString());
        Assert.Equal(ci, settings.GetProperty("RestoreLockedMode").GetString());
        Assert.Equal("", settings.GetProperty("NuGetLockFilePath").GetString());
        Assert.All(PackedPackages.Names, name => Assert.True(File.Exists(Path.Combine(PackedPackages.Root, "src", name, "packages.lock.json"))));
    }

    // As "dotnet publish -r", "dotnet restore -r" and "dotnet publish -p:PublishAot=true" of a program hand it on to the libraries.
    [Theory]
    [InlineData("RuntimeIdentifier=linux-x64")]
    [InlineData("RuntimeIdentifiers=linux-x64")]
    [InlineData("PublishAot=true")]
    public async Task Program_for_one_platform_neither_reads_nor_changes_the_lock_files(string platform)
    {
        var settings = await EvaluateAsync("-p:CI=true", "-p:" + platform);

        Assert.NotEqual("true", settings.GetProperty("RestorePackagesWithLockFile").GetString());
        Assert.NotEqual("true", settings.GetProperty("RestoreLockedMode").GetString());
        Assert.False(File.Exists(Path.Combine(Library, settings.GetProperty("NuGetLockFilePath").GetString()!)));
    }

    private static async Task<JsonElement> EvaluateAsync(params string[] properties) =>
        JsonSerializer.Deserialize<JsonElement>(await Dotnet.RunAsync(Library, new Dictionary<string, string>(),
            ["msbuild", "-getProperty:RestorePackagesWithLockFile,RestoreLockedMode,NuGetLockFilePath", .. properties])).GetProperty("Properties");
}
