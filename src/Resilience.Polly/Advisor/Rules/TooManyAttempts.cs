namespace Resilience.Polly.Advisor.Rules;

/// <summary>More attempts than the guide's limits, on the way to its "Infinite retries" (guide: "Retry Pattern Best Practices").</summary>
internal sealed class TooManyAttempts() : AdviceRule("too-many-attempts")
{
    private const int ForUsers = 3;
    private const int ForBackground = 10;

    public override IEnumerable<Advice> Check(AdvisedPipeline pipeline)
    {
        var (attempts, most) = (pipeline.Options.Retry.MaxAttempts, pipeline.HasUsersWaiting ? ForUsers : ForBackground);
        if (attempts > most)
        {
            yield return On(
                pipeline, attempts > ForBackground ? AdviceSeverity.Warning : AdviceSeverity.Hint, "Retry:MaxAttempts", $"{attempts}",
                attempts > ForBackground ? "It goes on trying when there is no hope left." : "A user waits through all of them.",
                attempts > ForBackground
                    ? "A trouble that outlasts ten attempts is no hiccup, and every further one is load on a service that is down."
                    : "After three failures the fourth attempt seldom helps, and a quick failure lets a fallback answer.",
                pipeline.HasUsersWaiting ? $"{ForUsers}, or Importance = Background where no user waits" : $"at most {ForBackground}");
        }
    }
}
