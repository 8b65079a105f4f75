namespace Resilience.Polly.Packages.Tests;

/// <summary>Installs the packed packages into fresh projects, and runs these.</summary>
public class InstallTests(PackedPackages packages)
{
    [Theory]
    [InlineData("Console", "paid after 3 attempts")]
    [InlineData("Web", "pay: 504\ndashboard: 200")]
    [InlineData("Redis", "paid\nRedis at 127.0.0.1:1: each instance alone")]
    [InlineData("TypedClient", "typed client: pen after 2 requests\nresilient client: pen after 2 requests")]
    [InlineData("RefitClient", "Refit: pen after 2 requests")]
    public async Task Program_on_the_packages_runs_and_prints(string program, string printed)
    {
        var (folder, environment) = packages.CopyProgram(program);

        environment["ASPNETCORE_ENVIRONMENT"] = "Development"; // the dashboard answers there without an authorization

        var output = await Dotnet.RunAsync(folder, environment, "run");

        Assert.Equal(printed, output.ReplaceLineEndings("\n").Trim());
    }
}
