using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

public sealed class AzureBlobSdk : Sdk
{
    private const string Body = "the text of a blob that is long enough to break off in the middle";

    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["download"] = async services => (await Blob(services).DownloadContentAsync()).Value.Content.ToString(),
        ["download as stream"] = async services =>
        {
            using var download = (await Blob(services).DownloadStreamingAsync()).Value;
            using var reader = new StreamReader(download.Content);
            return await reader.ReadToEndAsync();
        },
        ["upload"] = async services => (await Blob(services).UploadAsync(BinaryData.FromString("text"), overwrite: true)).Value.ETag.ToString(),
    };

    public override IReadOnlyList<Type> Errors => [typeof(RequestFailedException), typeof(IOException)];

    public override bool Retries => true;

    public override bool Streams => true;

    // The pipeline does not retry a 500.
    public override bool NeedsItsRetries(string callName, Fault fault) => fault.Name == "500 once";

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        services.AddSingleton(provider =>
        {
            var options = new BlobClientOptions { Transport = new HttpClientTransport(Http(provider)) };
            options.Retry.NetworkTimeout = TimeSpan.FromMinutes(1);
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxDelay = TimeSpan.FromMilliseconds(2);
            if (!retries)
            {
                options.Retry.MaxRetries = 0;
            }

            return new BlobClient(new Uri(server, "account/container/blob"), options);
        });
        return services.AddHttpClient(Name);
    }

    public override Answer AnswerTo(SeenRequest request)
    {
        (string, string)[] headers = [("ETag", "\"tag\""), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"), ("x-ms-request-id", "1"), ("x-ms-blob-type", "BlockBlob")];
        if (request.Method == "PUT")
        {
            return new(201, "", headers);
        }

        var from = request.Header("x-ms-range") is { } range ? int.Parse(range["bytes=".Length..].Split('-')[0]) : 0;
        return request.Header("x-ms-range") is null
            ? new(200, Body, headers)
            : new(206, Body[from..], [.. headers, ("Content-Range", $"bytes {from}-{Body.Length - 1}/{Body.Length}")]);
    }

    private static BlobClient Blob(IServiceProvider services) => services.GetRequiredService<BlobClient>();
}
