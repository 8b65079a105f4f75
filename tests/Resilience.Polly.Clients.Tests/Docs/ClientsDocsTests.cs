using Resilience.Polly.Tests;

namespace Resilience.Polly.Clients.Tests;

/// <summary>What docs/sdks.md says of each client is so.</summary>
public class ClientsDocsTests
{
    private static readonly IReadOnlyDictionary<string, (Sdk Sdk, string Call)> Clients = new Dictionary<string, (Sdk, string)>
    {
        ["Refit"] = (new RefitSdk(registersItself: true), "get"),
        ["RestSharp"] = (new RestSharpSdk(), "get"),
        ["Azure.Storage.Blobs"] = (new AzureBlobSdk(), "download"),
        ["AWSSDK.S3"] = (new S3Sdk(), "get"),
        ["OpenAI"] = (new OpenAiSdk(), "get model"),
        ["Stripe.net"] = (new StripeSdk(), "get"),
        ["Google.Cloud.Storage.V1"] = (new GoogleStorageSdk(), "get"),
        ["Elastic.Clients.Elasticsearch"] = (new ElasticSdk(), "get"),
        ["standard handler outside"] = (new StandardHandlerSdk(outside: true), "get"),
        ["standard handler inside"] = (new StandardHandlerSdk(outside: false), "get"),
    };

    private static readonly Wiring[] Wirings = [Wiring.Plain, Wiring.Nested, Wiring.PipelineRetries, Wiring.SdkRetriesOnly];

    private static readonly DocsRow[] Rows = [.. DocsTable.RowsWith("SDK's switched off")];

    public static TheoryData<string, int> Blocks =>
        [.. DocsPages.Blocks.Where(block => block.Language == "csharp" && block.Is("clients") && !DocsPages.IsFirstCode(block)).Select(block => (block.Page, block.Line))];

    public static TheoryData<string, int> FirstBlocks =>
        [.. DocsPages.Blocks.Where(block => block.Is("clients") && DocsPages.IsFirstCode(block)).Select(block => (block.Page, block.Line))];

    public static TheoryData<string> Names => [.. Clients.Keys];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Block_marked_clients_compiles_after_the_prelude(string page, int line) => Assert.Equal("", DocsScript.ErrorsOf(page, line));

    [Theory]
    [MemberData(nameof(FirstBlocks))]
    public void First_block_of_a_page_compiles_alone_as_pasted(string page, int line) => Assert.Equal("", DocsProgram.ErrorsOf(page, line));

    [Fact]
    public void Blocks_are_found()
    {
        Assert.NotEmpty(Blocks);
        Assert.NotEmpty(FirstBlocks);
    }

    [Fact]
    public void Rows_are_those_that_are_tried() => Assert.Equal(Clients.Keys, Rows.Select(row => row.Code("client")));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Requests_to_a_service_that_answers_503_are_those_of_the_row(string client)
    {
        var (sdk, call) = Clients[client];
        var row = Rows.Single(row => row.Code("client") == client);

        var runs = await Task.WhenAll(
            Wirings.Select(wiring => SdkRun.OfAsync(sdk, call, Fault.Of("503"), wiring)));

        Assert.Equal(
            (row["alone"], row["both retry"], row["SDK's switched off"], row["`MaxAttempts` 1"]),
            ($"{runs[0].Requests}", $"{runs[1].Requests}", $"{runs[2].Requests}", $"{runs[3].Requests}"));
    }
}
