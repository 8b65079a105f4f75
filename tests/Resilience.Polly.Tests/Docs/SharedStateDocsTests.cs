using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Resilience.Polly.Redis;

namespace Resilience.Polly.Tests;

/// <summary>The table of options on the page about shared state, the class, its XML documentation and the validation say the same.</summary>
public class SharedStateDocsTests
{
    private const string Address = "127.0.0.1:1,abortConnect=false";

    private static readonly OptionsPage<RedisOptions> Page = new("docs/shared-state.md");

    public static TheoryData<string> Names => OptionsPage<RedisOptions>.Names;

    public static TheoryData<string> Fixed => [.. OptionsPage<RedisOptions>.Options.Select(option => option.Name).Where(name => name != nameof(RedisOptions.InstanceName))];

    public static TheoryData<string> Ranged =>
        [.. OptionsPage<RedisOptions>.Options.Where(option => option.PropertyType == typeof(int) || option.PropertyType == typeof(TimeSpan)).Select(option => option.Name)];

    [Fact]
    public void Every_option_has_a_row_and_every_row_an_option() => Page.HasEveryOptionAndNoOther();

    [Theory]
    [MemberData(nameof(Fixed))]
    public void Default_on_the_page_is_that_of_a_new_instance(string name) => Page.HasTheDefaultOf(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Xml_documentation_states_the_range_of_the_page(string name) => Page.HasTheRangeOf(name);

    [Theory]
    [MemberData(nameof(Ranged))]
    public void Bounds_on_the_page_are_accepted_and_their_neighbours_refused(string name)
    {
        var range = SettingRange.Parse(Page.Row(name)["range"], OptionsPage<RedisOptions>.Of(name).PropertyType);

        Assert.All([range.Min, range.Max], bound => Assert.Null(Fault(name, bound)));
        Assert.All([range.BelowMin, range.AboveMax], beyond => Assert.StartsWith($"{name} = ", Fault(name, beyond), StringComparison.Ordinal));
    }

    private static string? Fault(string name, string text)
    {
        object value = OptionsPage<RedisOptions>.Of(name).PropertyType == typeof(int) ? int.Parse(text, CultureInfo.InvariantCulture) : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(Address, options => OptionsPage<RedisOptions>.Of(name).SetValue(options, value));
        using var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<RedisOptions>>().Value;
            return null;
        }
        catch (OptionsValidationException refused)
        {
            return refused.Failures.Single();
        }
    }
}
