using System.Runtime.InteropServices;

namespace Resilience.Polly.Packages.Tests;

/// <summary>Installs the packed packages into fresh projects, and runs these.</summary>
public class InstallTests(PackedPackages packages)
{
    [Theory]
    [InlineData("Console", "paid after 3 attempts")]
    [InlineData("Web", "pay: 504\ndashboard: 200")]
    [InlineData("TypedClient", "typed client: pen after 2 requests\nresilient client: pen after 2 requests")]
    [InlineData("Refit", "Refit: pen after 2 requests")]
    public async Task Program_on_the_packages_runs_and_prints(string program, string printed)
    {
        var (folder, environment) = packages.Lay(program);

        await Dotnet.RunAsync(folder, environment, "build", "-v:quiet");
        var output = await Dotnet.RunAsync(folder, environment, "run", "--no-build");

        Assert.Equal(printed, output.ReplaceLineEndings("\n").Trim());
    }

    [Fact]
    public async Task Program_on_the_packages_runs_as_native_code()
    {
        // It takes a minute and needs a linker, which only CI is sure to have.
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Native code is built in CI only.");
        var (folder, environment) = packages.Lay("Console", "-native");

        await Dotnet.RunAsync(folder, environment, "publish", "--use-current-runtime", "-p:PublishAot=true", "-v:quiet", "-o", "native");
        var file = Path.Combine(folder, "native", RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "Console.exe" : "Console");
        var output = await Dotnet.StartAsync(file, folder, environment);

        Assert.Equal("paid after 3 attempts", output.Trim());
        Assert.False(File.Exists(Path.Combine(folder, "native", "Resilience.Polly.dll")));
    }
}
