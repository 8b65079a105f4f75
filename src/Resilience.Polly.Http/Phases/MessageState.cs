namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The states of one message: which side has the next move in each direction, and so which limits run. Pure: every event gives
/// the next state.
/// </summary>
/// <remarks>A limit begins when its direction enters a state that waits for the network, and ends with that state.</remarks>
internal readonly record struct MessageState(WriteState Write, ReadState Read)
{
    /// <summary>Whether the transport waits until it can send.</summary>
    public bool WriteLimitRuns => Write is WriteState.Head or WriteState.Piece;

    /// <summary>Whether a reader waits for data.</summary>
    public bool ReadLimitRuns => Read is ReadState.Continue or ReadState.Head or ReadState.Body;

    public bool IsAnswered => Read is ReadState.Reader or ReadState.Body or ReadState.Ended;

    /// <summary>Whether the body is being sent, or may still be.</summary>
    public bool IsSending => Write == WriteState.Held || IsBeingWritten;

    public bool IsOver => Write == WriteState.Ended && Read == ReadState.Ended;

    /// <summary>
    /// Whether the token of the call still ends the message. As with HttpClient, it does so until the answer has come, and then
    /// only while the body is being sent.
    /// </summary>
    public bool IsCallersToEnd => !IsAnswered || IsSending;

    /// <summary>Whether a task of the message still runs and may read its tokens.</summary>
    public bool IsBusy => IsBeingWritten || Read == ReadState.Body;

    private bool IsBeingWritten => Write is WriteState.Producer or WriteState.Piece;

    /// <summary>The request has a connection, and its head is being written.</summary>
    /// <param name="bodyToCome">Whether the transport will read a body. A body that was buffered before is sent without.</param>
    /// <param name="expectsContinue">Whether the body waits for "100 Continue".</param>
    public MessageState Sent(bool bodyToCome, bool expectsContinue) =>
        Write != WriteState.Unsent ? this
        : !bodyToCome ? new(WriteState.Ended, ReadState.Head)
        : expectsContinue ? new(WriteState.Held, ReadState.Continue)
        : new(WriteState.Head, ReadState.Idle);

    /// <summary>The state after an event; the same state if the event does not apply to it.</summary>
    public MessageState After(MessageEvent what) => what switch
    {
        MessageEvent.BodyBegun => BodyBegun(),
        MessageEvent.PieceBegun => Write == WriteState.Producer ? this with { Write = WriteState.Piece } : this,
        MessageEvent.PieceEnded => Write == WriteState.Piece ? this with { Write = WriteState.Producer } : this,
        MessageEvent.BodyEnded => IsBeingWritten ? new(WriteState.Ended, IsAnswered ? Read : ReadState.Head) : this,

        // Before the answer, the transport's next event shows what it did with the failure.
        MessageEvent.BodyBroke => IsBeingWritten ? this with { Write = IsAnswered ? WriteState.Ended : WriteState.Head } : this,
        MessageEvent.Answered => IsAnswered ? this : new(IsSending ? Write : WriteState.Ended, ReadState.Reader),
        MessageEvent.ReadBegun => Read == ReadState.Reader ? this with { Read = ReadState.Body } : this,
        MessageEvent.ReadEnded => Read == ReadState.Body ? this with { Read = ReadState.Reader } : this,
        MessageEvent.AnswerEnded => IsAnswered ? this with { Read = ReadState.Ended } : this,
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    /// <summary>
    /// The content is read. If there is a connection and no answer, the transport reads it. After a refusal that the transport
    /// handles itself, such as 401, it reads it again. Otherwise a handler reads the body for itself.
    /// </summary>
    private MessageState BodyBegun() =>
        Write is WriteState.Head or WriteState.Held || (Write == WriteState.Ended && Read == ReadState.Head)
            ? new(WriteState.Producer, IsAnswered ? Read : ReadState.Idle)
            : this;
}

/// <summary>Which side has the next move on the way to the server.</summary>
internal enum WriteState
{
    /// <summary>None yet: the request has no connection. The limits of pool and connect run, see <see cref="WaitBudget"/>.</summary>
    Unsent,

    /// <summary>The transport: it writes the head, and reads the body next. The write limit runs.</summary>
    Head,

    /// <summary>The server: the body waits for "100 Continue". No write limit runs.</summary>
    Held,

    /// <summary>The content: it creates the next piece of the body. No write limit runs.</summary>
    Producer,

    /// <summary>The transport: it sends a piece of the body. The write limit runs.</summary>
    Piece,

    /// <summary>None any more.</summary>
    Ended,
}

/// <summary>Which side has the next move on the way back.</summary>
internal enum ReadState
{
    /// <summary>The client: the server owes nothing before the request is sent. No read limit runs.</summary>
    Idle,

    /// <summary>The server: it may send "100 Continue". The read limit runs, longer by the time that the transport waits for it.</summary>
    Continue,

    /// <summary>The server: the client waits for the head of the answer. The read limit runs.</summary>
    Head,

    /// <summary>The reader: it has not asked for more. No read limit runs.</summary>
    Reader,

    /// <summary>The server: the reader waits for more of the body. The read limit runs.</summary>
    Body,

    /// <summary>None any more: the answer was read to its end, or disposed.</summary>
    Ended,
}

/// <summary>The events of a message once its head is written.</summary>
internal enum MessageEvent
{
    /// <summary>The content is read: by the transport, or by a handler for itself.</summary>
    BodyBegun,

    /// <summary>The content has written a piece or flushed, and the transport does not take it at once.</summary>
    PieceBegun,

    /// <summary>The transport has taken the piece.</summary>
    PieceEnded,

    /// <summary>The content has written all of its bytes.</summary>
    BodyEnded,

    /// <summary>Creating or sending the body failed.</summary>
    BodyBroke,

    /// <summary>The head of the answer has come.</summary>
    Answered,

    /// <summary>The reader asks for more data than has come, or waits for data without taking it.</summary>
    ReadBegun,

    /// <summary>The read has ended, with or without success.</summary>
    ReadEnded,

    /// <summary>The answer was read to its end, or disposed.</summary>
    AnswerEnded,
}
