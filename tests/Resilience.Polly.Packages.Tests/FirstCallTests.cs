using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Resilience.Polly.Packages.Tests;

/// <summary>Does what the beginning of the README says, in an empty folder, with the packed packages.</summary>
public partial class FirstCallTests(PackedPackages packages, ITestOutputHelper output)
{
    private static readonly TimeSpan Goal = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Reader_of_the_readme_has_a_good_call_within_two_minutes()
    {
        // Another program may listen on the port that the README names. All else is its very text.
        var readme = await File.ReadAllTextAsync(Path.Combine(PackedPackages.Root, "README.md"), TestContext.Current.CancellationToken);
        var beginning = readme.ReplaceLineEndings("\n").Split("\n## ")[0].Replace(":5080", $":{FreePort.Find().ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal);
        var blocks = Block().Matches(beginning).Select(match => (Language: match.Groups[1].Value, Code: match.Groups[2].Value)).ToArray();
        Assert.Equal(["sh", "csharp", "sh"], blocks.Select(block => block.Language));
        Assert.Contains("`Program.cs`", beginning, StringComparison.Ordinal);
        Assert.Contains("`dotnet run`", beginning, StringComparison.Ordinal);

        var (folder, environment) = packages.CreateFolder("first-call");
        var start = Stopwatch.GetTimestamp();
        foreach (var command in blocks[0].Code.Split('\n'))
        {
            var words = command.Split(' ');
            if (words[0] == "cd")
            {
                folder = Path.Combine(folder, words[1]);
            }
            else
            {
                using var started = Dotnet.Start(words[0], folder, environment, words[1..]);
                await Dotnet.EndAsync(started);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), blocks[1].Code, TestContext.Current.CancellationToken);
        using var program = Dotnet.Start("dotnet", folder, environment, "run");
        try
        {
            await ListeningAsync(program);
            using var client = new HttpClient();
            var call = Curl().Match(blocks[2].Code);
            using var body = new StringContent(call.Groups["body"].Value, Encoding.UTF8, call.Groups["type"].Value);
            using var answer = await client.PostAsync(new Uri(call.Groups["address"].Value), body, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var taken = Stopwatch.GetElapsedTime(start);
            output.WriteLine($"The first good call came after {taken.TotalSeconds:0} s.");

            Assert.Equal(Answer().Match(beginning).Groups[1].Value, text);
            Assert.True(taken < Goal, $"The first good call came after {taken.TotalSeconds:0} s.");
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(Dashboard().Match(beginning).Groups[1].Value), TestContext.Current.CancellationToken)).StatusCode);
        }
        finally
        {
            program.Kill(entireProcessTree: true);
            await program.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task ListeningAsync(Process program)
    {
        var printed = new StringBuilder();
        while (await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            printed.AppendLine(line);
            if (line.Contains("Now listening on", StringComparison.Ordinal))
            {
                // What it prints later must not fill the pipe.
                _ = program.StandardOutput.ReadToEndAsync(CancellationToken.None);
                _ = program.StandardError.ReadToEndAsync(CancellationToken.None);
                return;
            }
        }

        Assert.Fail($"The program ended:\n{printed}{await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    [GeneratedRegex("^```(\\w+)\n(.*?)\n```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^curl -H \"Content-Type: (?<type>[^\"]+)\" -d '(?<body>[^']+)' (?<address>\\S+)$")]
    private static partial Regex Curl();

    [GeneratedRegex("The answer is `([^`]+)`")]
    private static partial Regex Answer();

    [GeneratedRegex("dashboard at <([^>]+)>")]
    private static partial Regex Dashboard();
}
