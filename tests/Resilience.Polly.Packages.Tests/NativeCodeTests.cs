namespace Resilience.Polly.Packages.Tests;

/// <summary>Compiles a program on the packed packages to native code.</summary>
public class NativeCodeTests(PackedPackages packages)
{
    [Fact]
    public async Task Program_on_the_packages_runs_as_native_code()
    {
        var hasLinker = OperatingSystem.IsWindows() || IsOnPath("clang") || IsOnPath("gcc");
        Assert.SkipUnless(hasLinker || Environment.GetEnvironmentVariable("CI") == "true", "Native code needs clang or gcc.");
        var (folder, environment) = packages.CopyProgram("Console", "-native");

        await Dotnet.RunAsync(folder, environment, "publish", "--use-current-runtime", "-p:PublishAot=true", "-v:quiet", "-o", "native");
        var output = await Dotnet.RunProgramAsync(Path.Combine(folder, "native", OperatingSystem.IsWindows() ? "Console.exe" : "Console"), folder, environment);

        Assert.Equal("paid after 3 attempts", output.Trim());
        Assert.False(File.Exists(Path.Combine(folder, "native", "Resilience.Polly.dll")));
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
