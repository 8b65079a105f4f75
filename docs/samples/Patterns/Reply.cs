namespace Patterns;

/// <summary>What the service does with one attempt.</summary>
/// <param name="After">When it answers; <see langword="null"/> where it refuses the connection.</param>
internal sealed record Reply(TimeSpan? After)
{
    public static Reply Refuse { get; } = new((TimeSpan?)null);

    public static Reply AnswerAfter(double seconds) => new(TimeSpan.FromSeconds(seconds));
}
