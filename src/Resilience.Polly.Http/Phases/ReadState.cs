namespace Resilience.Polly.Http.Phases;

/// <summary>Who has the next move on the way back.</summary>
internal enum ReadState
{
    /// <summary>The client: the server owes nothing before the request is sent. No read limit runs.</summary>
    Idle,

    /// <summary>The server: it may say "100 Continue". The read limit runs, longer by the time that the transport waits for that word.</summary>
    Continue,

    /// <summary>The server: the head of the answer is awaited. The read limit runs.</summary>
    Head,

    /// <summary>The reader: it has not asked for more. No read limit runs.</summary>
    Reader,

    /// <summary>The server: the reader waits for more of the body. The read limit runs.</summary>
    Body,

    /// <summary>Nobody any more: the answer was read to its end, or disposed.</summary>
    Ended,
}
