using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly;

internal sealed class ResilienceBuilder(IServiceCollection services) : IResilienceBuilder
{
    public IServiceCollection Services => services;
}
