using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using Resilience.Polly.Advisor.Rules;
using Resilience.Polly.Configuration;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Pipelines;

/// <summary>Reads the settings of all pipelines from configuration and code, and tells when they have to be read again.</summary>
internal sealed class SettingsSource(
    ResilienceRegistrations setup, IEnumerable<PipelineUse> uses, AdviceEvaluator advice, ApplicationServices application, IConfiguration? configuration = null)
{
    private static readonly TimeSpan WhileDebugging = TimeSpan.FromHours(1);

    private readonly PipelineUse[] _uses = [.. uses];
    private bool _isDebugged;

    /// <summary>Whether a debugger has come or gone since the settings were read: it lengthens timeouts.</summary>
    public bool IsOutdated => IsDebugged != Volatile.Read(ref _isDebugged);

    private bool IsDebugged =>
        setup.IsDebugging is { } isDebugging && Environments.Development.Equals(application.Environment, StringComparison.OrdinalIgnoreCase) && isDebugging();

    /// <summary>Calls <paramref name="reload"/> after each change of the configuration, until the result is disposed.</summary>
    public List<IDisposable> Watch(Action reload) => [.. setup.Sections.Select(section => ChangeToken.OnChange(section.GetReloadToken, reload))];

    /// <exception cref="ResilienceConfigurationException">The settings do not validate, or earn advice that is refused.</exception>
    public ResolvedOptions Read()
    {
        var settings = PipelineComposer.Compose(setup, configuration, application, _uses);
        setup.AdvicePolicy?.ThrowIfRefused(advice.On(settings.All));
        var isDebugged = IsDebugged;
        Volatile.Write(ref _isDebugged, isDebugged);
        if (isDebugged)
        {
            foreach (var pipeline in settings.All)
            {
                pipeline.Options.Timeout.Lengthen(WhileDebugging);
            }
        }

        return settings;
    }
}
