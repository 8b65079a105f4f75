namespace Resilience.Polly.Http.Phases;

/// <summary>What happens to a message once its head is written.</summary>
internal enum MessageEvent
{
    /// <summary>Somebody asks the content for its bytes: the transport, or a handler that reads the body for itself.</summary>
    BodyBegun,

    /// <summary>The content has given a piece, or flushes, and the transport does not take it at once.</summary>
    PieceBegun,

    /// <summary>The transport has taken the piece.</summary>
    PieceEnded,

    /// <summary>The content has given all of its bytes.</summary>
    BodyEnded,

    /// <summary>The body could not be made, or not be sent.</summary>
    BodyBroke,

    /// <summary>The head of the answer is there.</summary>
    Answered,

    /// <summary>The reader asks for more than is there, or waits until something is there without taking it.</summary>
    ReadBegun,

    /// <summary>The read has ended, well or not.</summary>
    ReadEnded,

    /// <summary>The answer was read to its end, or disposed.</summary>
    AnswerEnded,
}
