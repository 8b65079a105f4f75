using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Registration;

internal sealed class ResilienceBuilder(IServiceCollection services) : IResilienceBuilder
{
    public IServiceCollection Services => services;
}
