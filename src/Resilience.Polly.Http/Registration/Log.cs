using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Http.Registration;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "HttpClient '{Client}' does not enforce Timeout:Connect = {Connect} and Timeout:Pool = {Pool}: the connections of its primary handler {Handler} cannot be seen. Timeout:Read and Timeout:Write are enforced. Use a SocketsHttpHandler that has not sent a request to enforce all four")]
    public static partial void ConnectionsUnseen(ILogger logger, string client, string connect, string pool, string handler);

    [LoggerMessage(2, LogLevel.Warning, "HttpClient '{Client}' has {Handlers} beside pipeline '{Pipeline}', which makes up to {Attempts} attempts. If both retry, their attempts multiply. Remove the other handler, switch its retries off, or set {Settings} of the pipeline to 1")]
    public static partial void RetriesNested(ILogger logger, string client, string handlers, string pipeline, int attempts, string settings);
}
