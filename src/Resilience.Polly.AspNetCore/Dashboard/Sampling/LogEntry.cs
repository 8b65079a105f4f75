namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>One line of the event log of the page.</summary>
/// <param name="Number">Grows from line to line.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="Pipeline">The pipeline; empty for what concerns all.</param>
/// <param name="Kind">What it is about: circuit, alert, settings, retry, rejection, lost.</param>
/// <param name="Level">How bad it is: bad, warn, good, info.</param>
/// <param name="Text">What happened. Never an id of a request, a message of an exception or a body.</param>
internal sealed record LogEntry(long Number, long At, string Pipeline, string Kind, string Level, string Text);
