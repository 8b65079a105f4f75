namespace Resilience.Polly.Http.Phases;

/// <summary>Who has set a deadline.</summary>
internal interface ITimerOwner
{
    /// <summary>The timer has come, perhaps early, or for a deadline that was moved. <see cref="LazyTimer.HasPassed"/> tells.</summary>
    void TimerCame();
}
