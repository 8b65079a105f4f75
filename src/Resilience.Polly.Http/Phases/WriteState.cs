namespace Resilience.Polly.Http.Phases;

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
