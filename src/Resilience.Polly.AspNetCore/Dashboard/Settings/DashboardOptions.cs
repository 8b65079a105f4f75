using System.Globalization;
using Microsoft.Extensions.Options;
using Resilience.Polly.AspNetCore.Dashboard.Settings;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.AspNetCore;

/// <summary>The options of a dashboard: how it records the pipelines, and who may use its buttons (guide: "Monitor pattern behavior").</summary>
public sealed class DashboardOptions
{
    private const int MaxPoints = 3_600;

    /// <summary>How many pages may be open at once. One more gets 503 with <c>Retry-After</c>, and tries again by itself.</summary>
    /// <value>A number of 1 to 10000; the default is 50.</value>
    public int MaxStreams { get; set; } = 50;

    /// <summary>How often the server samples the pipelines and updates all pages, whatever the number of pages.</summary>
    /// <value>A duration of 00:00:00.1000000 to 00:00:10; the default is 1 second.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How far back the charts go. At most 3,600 times <see cref="Interval"/>.</summary>
    /// <value>A duration of 00:00:10 to 01:00:00; the default is 5 minutes.</value>
    public TimeSpan History { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The most memory for the samples behind the charts, in megabytes of 1,048,576 bytes. A pipeline whose values never change needs none. A pipeline in use needs 44 bytes for each interval
    /// of <see cref="History"/>: 13 KB by default. Once the memory is used up, further pipelines have no chart of the time before their page was opened.
    /// </summary>
    /// <value>A number of 1 to 4096; the default is 64.</value>
    public int MaxHistoryMegabytes { get; set; } = 64;

    /// <summary>The name of the application in the heading.</summary>
    /// <value>A name, or <see langword="null"/> for <c>IHostEnvironment.ApplicationName</c>; the default is <see langword="null"/>.</value>
    public string? ApplicationName { get; set; }

    /// <summary>The name of this instance of the application in the heading.</summary>
    /// <value>A name, or <see langword="null"/> for the name of the machine and the process id; the default is <see langword="null"/>.</value>
    public string? InstanceName { get; set; }

    /// <summary>
    /// The address to which an event links, with <c>{requestId}</c>, <c>{traceId}</c> or both in its path, query or fragment:
    /// <c>https://traces.internal/search?id={requestId}</c>. The ids are encoded. An event without such an id has no link.
    /// </summary>
    /// <value>An http or https address, one relative to the dashboard, or <see langword="null"/> for no links; the default is <see langword="null"/>.</value>
    public string? TraceUrl { get; set; }

    /// <summary>
    /// The authorization policy for isolating and resetting circuits. Needs <c>AddAuthorization</c> and <c>AddAntiforgery</c>.
    /// Without a policy there are no buttons, and no endpoints for them.
    /// </summary>
    /// <value>The name of a policy, or <see langword="null"/> for no buttons; the default is <see langword="null"/>.</value>
    public string? ControlPolicy { get; set; }

    internal string Instance => InstanceName ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, process {Environment.ProcessId}");

    internal int Points => (int)(History / Interval);

    /// <exception cref="OptionsValidationException">The options have faults. The message lists all of them.</exception>
    internal void ThrowIfInvalid() => OptionFaults.ThrowIfAny<DashboardOptions>(nameof(DashboardOptions),
    [
        OptionFaults.Range(nameof(MaxStreams), MaxStreams, 1, 10_000),
        OptionFaults.Range(nameof(Interval), Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10))
            ?? OptionFaults.Range(nameof(History), History, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1))
            ?? (Points > MaxPoints ? $"History = {History}: too long for an Interval of {Interval}, allowed is up to {Interval * MaxPoints}" : null),
        OptionFaults.Range(nameof(MaxHistoryMegabytes), MaxHistoryMegabytes, 1, 4_096),
        OptionFaults.Text(nameof(ApplicationName), ApplicationName, IsNotBlank(ApplicationName), "a name is expected, or null for that of the host"),
        OptionFaults.Text(nameof(InstanceName), InstanceName, IsNotBlank(InstanceName), "a name is expected, or null for machine and process"),
        TraceUrl is not null && TraceAddress.Fault(TraceUrl) is { } fault ? $"TraceUrl = \"{TraceUrl}\": {fault}" : null,
        OptionFaults.Text(nameof(ControlPolicy), ControlPolicy, IsNotBlank(ControlPolicy), "the name of an authorization policy is expected, or null for no buttons"),
    ]);

    private static bool IsNotBlank(string? value) => value is null || !string.IsNullOrWhiteSpace(value);
}
