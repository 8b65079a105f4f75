using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The advice that settings of the guide earn.</summary>
internal static class GuideAdvice
{
    public static async Task<string[]> OfAsync(Action<PipelineOptions> configure)
    {
        await using var app = TestPipelines.Of(configure);
        return [.. app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice().Select(advice => $"{advice.Severity} {advice.Id}")];
    }
}
