// A pipeline around any delegate: here a file that another program still writes. No HTTP, no container.
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Resilience.Polly;

await using var pipelines = ResiliencePipelines.Create(resilience => resilience.AddPipeline("import", options =>
{
    options.Timeout.Attempt = TimeSpan.FromSeconds(5);
    options.Retry.MaxAttempts = 5;
    options.Retry.MinWait = TimeSpan.FromMilliseconds(20);
    options.Failures.Retry<IOException>(); // a locked file is worth another attempt; the pipeline does not know that by itself
}));
ResiliencePipeline import = pipelines.GetPipeline("import");

var file = Path.GetTempFileName();
var writer = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None);

var attempt = 0;
int lines = await import.ExecuteAsync(async token =>
{
    Console.WriteLine($"attempt {++attempt}");
    if (attempt == 3)
    {
        await writer.WriteAsync("one\ntwo\n"u8.ToArray(), token);
        await writer.DisposeAsync(); // the other program is done
    }

    return (await File.ReadAllLinesAsync(file, token)).Length; // throws while the file is locked
});
Console.WriteLine($"{lines} lines");

// A failure that no rule knows is not retried, and comes out as it is.
try
{
    await import.ExecuteAsync(token => throw new FormatException("line 3 is no number"));
}
catch (FormatException faulty)
{
    Console.WriteLine($"not retried: {faulty.Message}");
}

File.Delete(file);
