using System.Buffers;
using System.Text.Json;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One server-sent event with an object of JSON as its data, ready for the wire.</summary>
internal static class StreamEvent
{
    public static byte[] Write(string name, Action<FrameWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(4_096);
        bytes.Write("event: "u8);
        bytes.Write(System.Text.Encoding.UTF8.GetBytes(name));
        bytes.Write("\ndata: "u8);

        // Without line breaks in it, the data is one line.
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(new(json));
            json.WriteEndObject();
        }

        bytes.Write("\n\n"u8);
        return bytes.WrittenSpan.ToArray();
    }
}
