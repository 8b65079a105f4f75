namespace Resilience.Polly.Http.Phases;

/// <summary>A stream that knows its connection.</summary>
internal interface ITracked
{
    Connection Connection { get; }
}
