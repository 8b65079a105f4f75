namespace Cluster;

/// <summary>How an order ended for the client that made it.</summary>
internal enum Ending
{
    /// <summary>It did not, so far.</summary>
    Open,

    /// <summary>The shop gave the number of the charge.</summary>
    Confirmed,

    /// <summary>The shop said that nobody knows whether the order is paid.</summary>
    Unknown,

    /// <summary>The shop gave an answer that the client did not expect.</summary>
    Failed,
}

/// <summary>An order as its client remembers it.</summary>
/// <param name="Order">The order.</param>
/// <param name="Ending">How it ended.</param>
/// <param name="Charges">The charge of each confirmation: more than one if the client asked again.</param>
internal sealed record Purchase(Order Order, Ending Ending, IReadOnlyList<long> Charges);
