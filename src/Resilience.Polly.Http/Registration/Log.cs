using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Http;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "HttpClient '{Client}' enforces its read and write timeouts only, since the connections of its primary handler {Handler} cannot be seen; a SocketsHttpHandler would enforce connect and pool too")]
    public static partial void ConnectionsUnseen(ILogger logger, string client, string handler);
}
