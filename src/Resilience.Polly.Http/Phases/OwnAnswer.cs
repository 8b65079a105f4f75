using System.Net;
using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// An answer that was created in memory may be shared: a test double often returns the same one for every request. It is not ours to change
/// or dispose of, so the call gets a copy that shares the content. Other answers hold a connection and belong to their receiver.
/// </summary>
internal static class OwnAnswer
{
    public static HttpResponseMessage Of(HttpResponseMessage answer)
    {
        if (!IsInMemory(answer.Content))
        {
            return answer;
        }

        var own = new HttpResponseMessage(answer.StatusCode)
        {
            ReasonPhrase = answer.ReasonPhrase,
            Version = answer.Version,
            RequestMessage = answer.RequestMessage,
            Content = new Shared(answer.Content),
        };
        HeaderCopy.Copy(answer.Headers, own.Headers);
        HeaderCopy.Copy(answer.TrailingHeaders, own.TrailingHeaders);
        return own;
    }

    // An answer without content has an empty one of a type internal to .NET.
    private static bool IsInMemory(HttpContent content) =>
        content is not StreamContent && (BodyReplay.CanRepeat(content) || content.GetType() == Empty);

    private static readonly Type Empty = NewEmpty();

    private static Type NewEmpty()
    {
        using var bare = new HttpResponseMessage();
        return bare.Content.GetType();
    }

    private sealed class Shared(HttpContent content) : WrappedContent(content)
    {
        protected override Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken) =>
            Inner.CopyToAsync(target, context, cancellationToken);
    }
}
