using System.Text;

namespace Resilience.Polly.Clients.Tests;

/// <summary>What a healthy service answers. A <see cref="Fault"/> breaks it.</summary>
public sealed record Answer(int Status, string Body, params (string Name, string Value)[] Headers)
{
    public static Answer Json(string body, params (string Name, string Value)[] headers) => new(200, body, [("Content-Type", "application/json"), .. headers]);

    public byte[] Bytes => Encoding.UTF8.GetBytes(Body);

    public Reply Whole() => Reply.Bytes(Status, Bytes, Headers);
}
