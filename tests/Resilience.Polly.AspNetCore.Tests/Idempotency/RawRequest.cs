using System.Net.Sockets;
using System.Text;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Sends what HttpClient refuses to send.</summary>
internal static class RawRequest
{
    /// <summary>Sends a request, one byte for each character, and reads until the server closes.</summary>
    public static async Task<string> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        using var patience = new CancellationTokenSource(IdempotencyApp.Patience);
        return await reader.ReadToEndAsync(patience.Token);
    }
}
