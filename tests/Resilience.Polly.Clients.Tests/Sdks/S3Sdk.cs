using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

public sealed class S3Sdk : Sdk
{
    private const string Body = "the text of an object";

    // MD5 of the body. The SDK compares it with what it has read.
    private const string Tag = "0810295fa05569a6e1433a13a1fc7737";

    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; } = new Dictionary<string, Func<IServiceProvider, Task<string>>>
    {
        ["get"] = async services =>
        {
            using var response = await S3(services).GetObjectAsync("bucket", "key");
            using var reader = new StreamReader(response.ResponseStream);
            return await reader.ReadToEndAsync();
        },
        ["put"] = async services => (await S3(services).PutObjectAsync(new() { BucketName = "bucket", Key = "key", ContentBody = "text" })).ETag,
    };

    public override IReadOnlyList<Type> Errors => [typeof(AmazonServiceException), typeof(HttpRequestException), typeof(IOException)];

    public override bool Retries => true;

    public override bool Streams => true;

    // The pipeline does not retry a 500.
    public override bool NeedsItsRetries(string callName, Fault fault) => fault.Name == "500 once";

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        services.AddSingleton<IAmazonS3>(provider =>
        {
            var config = new AmazonS3Config
            {
                ServiceURL = server.ToString(),
                ForcePathStyle = true,
                HttpClientFactory = new PipelineClients(provider.GetRequiredService<IHttpClientFactory>()),
            };
            if (!retries)
            {
                config.MaxErrorRetry = 0;
                config.MaxStaleConnectionRetries = 0;
            }

            return new Quick(config);
        });
        return services.AddHttpClient(Name);
    }

    public override Answer AnswerTo(SeenRequest request) =>
        new(200, request.Method == "PUT" ? "" : Body, ("ETag", $"\"{Tag}\""), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"), ("x-amz-request-id", "1"));

    private static IAmazonS3 S3(IServiceProvider services) => services.GetRequiredService<IAmazonS3>();

    /// <summary>The SDK's own retries without their waits.</summary>
    private sealed class Quick(AmazonS3Config config) : AmazonS3Client(new BasicAWSCredentials("id", "secret"), config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            foreach (var handler in pipeline.Handlers.OfType<RetryHandler>())
            {
                ((StandardRetryPolicy)handler.RetryPolicy).MaxBackoffInMilliseconds = 1;
            }
        }
    }

    private sealed class PipelineClients(IHttpClientFactory clients) : Amazon.Runtime.HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => clients.CreateClient(Name);

        // The factory below keeps the handlers.
        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }
}
