using System.Collections.Concurrent;

namespace Resilience.Polly.Clients.Tests;

/// <summary>An SDK over a pipeline recovers at least where it does over a plain HttpClient, and fails with the same errors.</summary>
public abstract class MatrixTests(Sdk sdk)
{
    public static TheoryData<string> Faults => [.. Fault.All.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Call_over_a_pipeline_recovers_where_the_plain_one_does_and_fails_alike(string fault)
    {
        var differences = new ConcurrentQueue<string>();
        await Task.WhenAll(sdk.Calls.Keys.Select(call => CompareAsync(call, Fault.Of(fault), differences)));

        Assert.True(differences.IsEmpty, string.Join("\n\n", differences));
    }

    private async Task CompareAsync(string call, Fault fault, ConcurrentQueue<string> differences)
    {
        Wiring[] wirings =
        [
            Wiring.Plain,
            Wiring.Nested,
            .. sdk.Retries ? (Wiring[])[Wiring.SdkRetriesOnly, Wiring.PipelineRetries] : [],
            .. sdk.Streams ? (Wiring[])[Wiring.Streamed] : [],
        ];
        var runs = await Task.WhenAll(wirings.Select(wiring => SdkRun.OfAsync(sdk, call, fault, wiring)));
        foreach (var (wiring, run) in wirings.Zip(runs).Skip(1))
        {
            if (Difference(runs[0], run, recovers: wiring.SdkRetries || !sdk.NeedsItsRetries(call, fault)) is { } difference)
            {
                differences.Enqueue($"{call}, {fault}, {wiring}: {difference}\nplain: {runs[0]}\nours: {run}");
            }
        }
    }

    private string? Difference(SdkRun plain, SdkRun ours, bool recovers) =>
        ours.Succeeded ? plain.Succeeded && ours.Value != plain.Value ? "the answers differ" : plain.Succeeded && !recovers ? "it recovers, against what the page says" : null
        : plain.Succeeded && recovers ? "only the plain one recovers"
        : !sdk.Errors.Any(error => error.IsInstanceOfType(ours.Cause)) ? "it fails with an exception that is not the SDK's"
        : sdk.Errors[0].IsInstanceOfType(plain.Cause) && !sdk.Errors[0].IsInstanceOfType(ours.Cause) ? "only the plain one fails with the SDK's own error"
        : null;
}

public sealed class HttpClientMatrixTests() : MatrixTests(new HttpClientSdk());

public sealed class RefitMatrixTests() : MatrixTests(new RefitSdk(registersItself: false));

public sealed class RefitGeneratedMatrixTests() : MatrixTests(new RefitSdk(registersItself: true));

public sealed class RestSharpMatrixTests() : MatrixTests(new RestSharpSdk());

public sealed class AzureBlobMatrixTests() : MatrixTests(new AzureBlobSdk());

public sealed class S3MatrixTests() : MatrixTests(new S3Sdk());

public sealed class OpenAiMatrixTests() : MatrixTests(new OpenAiSdk());

public sealed class GoogleStorageMatrixTests() : MatrixTests(new GoogleStorageSdk());

public sealed class StripeMatrixTests() : MatrixTests(new StripeSdk());

public sealed class ElasticMatrixTests() : MatrixTests(new ElasticSdk());

public sealed class OuterStandardHandlerMatrixTests() : MatrixTests(new StandardHandlerSdk(outside: true));

public sealed class InnerStandardHandlerMatrixTests() : MatrixTests(new StandardHandlerSdk(outside: false));
