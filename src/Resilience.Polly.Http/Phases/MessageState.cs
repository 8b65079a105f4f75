namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The states of one message: who has the next move in each direction, and so which limits run. Pure: every event gives
/// the next state.
/// </summary>
/// <remarks>A limit runs from the moment that its direction comes into a state in which the network is waited for, and ends with that state.</remarks>
internal readonly record struct MessageState(WriteState Write, ReadState Read)
{
    /// <summary>Whether the transport waits until it can send.</summary>
    public bool WriteLimitRuns => Write is WriteState.Head or WriteState.Piece;

    /// <summary>Whether somebody waits until something comes.</summary>
    public bool ReadLimitRuns => Read is ReadState.Continue or ReadState.Head or ReadState.Body;

    public bool IsAnswered => Read is ReadState.Reader or ReadState.Body or ReadState.Ended;

    /// <summary>Whether the body is being sent, or may yet be.</summary>
    public bool IsSending => Write == WriteState.Held || IsBeingWritten;

    public bool IsOver => Write == WriteState.Ended && Read == ReadState.Ended;

    /// <summary>
    /// Whether the token of the call still ends the message. As with HttpClient it does so until the answer is there, and then
    /// only as long as the body is sent.
    /// </summary>
    public bool IsCallersToEnd => !IsAnswered || IsSending;

    /// <summary>Whether a task of the message is still at work, which may look at its tokens.</summary>
    public bool IsBusy => IsBeingWritten || Read == ReadState.Body;

    private bool IsBeingWritten => Write is WriteState.Producer or WriteState.Piece;

    /// <summary>A connection is there, and the head of the request is written.</summary>
    /// <param name="bodyToCome">Whether a body will be asked for. One that was buffered before is sent without.</param>
    /// <param name="expectsContinue">Whether the body waits for "100 Continue".</param>
    public MessageState Sent(bool bodyToCome, bool expectsContinue) =>
        Write != WriteState.Unsent ? this
        : !bodyToCome ? new(WriteState.Ended, ReadState.Head)
        : expectsContinue ? new(WriteState.Held, ReadState.Continue)
        : new(WriteState.Head, ReadState.Idle);

    /// <summary>The state after something has happened; the same where that is not the turn of the one who did it.</summary>
    public MessageState After(MessageEvent what) => what switch
    {
        MessageEvent.BodyBegun => BodyBegun(),
        MessageEvent.PieceBegun => Write == WriteState.Producer ? this with { Write = WriteState.Piece } : this,
        MessageEvent.PieceEnded => Write == WriteState.Piece ? this with { Write = WriteState.Producer } : this,
        MessageEvent.BodyEnded => IsBeingWritten ? new(WriteState.Ended, IsAnswered ? Read : ReadState.Head) : this,

        // Before the answer the transport says next what it makes of that.
        MessageEvent.BodyBroke => IsBeingWritten ? this with { Write = IsAnswered ? WriteState.Ended : WriteState.Head } : this,
        MessageEvent.Answered => IsAnswered ? this : new(IsSending ? Write : WriteState.Ended, ReadState.Reader),
        MessageEvent.ReadBegun => Read == ReadState.Reader ? this with { Read = ReadState.Body } : this,
        MessageEvent.ReadEnded => Read == ReadState.Body ? this with { Read = ReadState.Reader } : this,
        MessageEvent.AnswerEnded => IsAnswered ? this with { Read = ReadState.Ended } : this,
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    /// <summary>
    /// Somebody asks the content for its bytes. It is the transport when it has a connection and no answer; after a refusal
    /// that it deals with by itself, such as 401, it does so again. Otherwise it is a handler that reads the body for itself.
    /// </summary>
    private MessageState BodyBegun() =>
        Write is WriteState.Head or WriteState.Held || (Write == WriteState.Ended && Read == ReadState.Head)
            ? new(WriteState.Producer, IsAnswered ? Read : ReadState.Idle)
            : this;
}

/// <summary>Who has the next move on the way to the server.</summary>
internal enum WriteState
{
    /// <summary>Nobody yet: the request has no connection. The limits of pool and connect run, see <see cref="WaitBudget"/>.</summary>
    Unsent,

    /// <summary>The transport: it writes the head, and asks for the body next. The write limit runs.</summary>
    Head,

    /// <summary>The server: the body is held back until it says "100 Continue". No write limit runs.</summary>
    Held,

    /// <summary>The content: it makes the next piece of the body. No write limit runs.</summary>
    Producer,

    /// <summary>The transport: it takes a piece of the body. The write limit runs.</summary>
    Piece,

    /// <summary>Nobody any more.</summary>
    Ended,
}

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
