using System.Text;
using Google;
using Google.Apis.Http;
using Google.Cloud.Storage.V1;
using Microsoft.Extensions.DependencyInjection;
using StorageRetries = Google.Cloud.Storage.V1.RetryOptions;

namespace Resilience.Polly.Clients.Tests;

public sealed class GoogleStorageSdk : Sdk
{
    // The SDK's own retries, without their waits.
    private static readonly StorageRetries Quick = new(RetryTiming.Default.WithInitialBackoff(TimeSpan.FromMilliseconds(1)).WithMaxBackoff(TimeSpan.FromMilliseconds(1)), RetryPredicate.RetriableIdempotentErrors);

    private const string Object = """{"kind":"storage#object","bucket":"bucket","name":"key"}""";

    private const string Body = "the text of an object";

    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = async services => (await Storage(services).GetObjectAsync("bucket", "key", new GetObjectOptions { RetryOptions = Quick })).Name,
        ["download"] = async services =>
        {
            using var body = new MemoryStream();
            await Storage(services).DownloadObjectAsync("bucket", "key", body);
            return Encoding.UTF8.GetString(body.ToArray());
        },
        ["upload"] = async services =>
        {
            using var body = new MemoryStream("text"u8.ToArray());
            return (await Storage(services).UploadObjectAsync("bucket", "key", "text/plain", body)).Name;
        },
    };

    public override IReadOnlyList<Type> Errors => [typeof(GoogleApiException), typeof(HttpRequestException), typeof(IOException)];

    public override bool Retries => true;

    public override bool Streams => true;

    // The pipeline does not retry a 500.
    public override bool NeedsItsRetries(string callName, Fault fault) => callName == "get" && fault.Name == "500 once";

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        services.AddSingleton(provider =>
        {
            var storage = new StorageClientBuilder
            {
                BaseUri = $"{server}storage/v1/",
                UnauthenticatedAccess = true,
                HttpClientFactory = new HttpClientFromMessageHandlerFactory(_ => new(
                    provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(Name), performsAutomaticDecompression: false, handlesRedirect: false)),
            }.Build();
            if (!retries)
            {
                storage.Service.HttpClient.MessageHandler.NumTries = 1;
            }

            return storage;
        });
        return services.AddHttpClient(Name);
    }

    public override Answer AnswerTo(SeenRequest request) => request switch
    {
        { Method: "POST" } => new(200, "", ("Location", $"http://{request.Header("Host")}/session")),
        { Method: "PUT" } => Answer.Json(Object),
        _ when request.Path.Contains("alt=media", StringComparison.Ordinal) => new(200, Body, ("Content-Type", "text/plain")),
        _ => Answer.Json(Object),
    };

    private static StorageClient Storage(IServiceProvider services) => services.GetRequiredService<StorageClient>();
}
