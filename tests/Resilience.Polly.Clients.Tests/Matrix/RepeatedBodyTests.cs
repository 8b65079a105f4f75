namespace Resilience.Polly.Clients.Tests;

/// <summary>SDKs send contents of types of their own. The pipeline repeats these too where the method may be repeated.</summary>
public class RepeatedBodyTests
{
    private static readonly IReadOnlyDictionary<string, (Sdk Sdk, string Call)> Writes = new Dictionary<string, (Sdk, string)>
    {
        ["Refit"] = (new RefitSdk(registersItself: true), "put"),
        ["RestSharp"] = (new RestSharpSdk(), "put"),
        ["Azure.Storage.Blobs"] = (new AzureBlobSdk(), "upload"),
        ["AWSSDK.S3"] = (new S3Sdk(), "put"),
        ["Stripe.net"] = (new StripeSdk(), "create"),
        ["Elastic.Clients.Elasticsearch"] = (new ElasticSdk(), "index"),
    };

    public static TheoryData<string> Names => [.. Writes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Write_is_repeated_by_the_pipeline_with_the_same_body(string client)
    {
        var (sdk, call) = Writes[client];

        var run = await SdkRun.OfAsync(sdk, call, Fault.Of("503 once"), Wiring.PipelineRetries);

        Assert.True(run.Succeeded, $"{run}");
        Assert.Equal(2, run.Seen.Count);
        Assert.NotEmpty(run.Seen[0].Body);
        Assert.Equal(run.Seen[0].Body, run.Seen[1].Body);
    }
}
