using Resilience.Polly.AspNetCore;

namespace Resilience.Polly.Tests;

/// <summary>The table of options on the page of the dashboard says what the class says.</summary>
public class DashboardDocsTests
{
    private static readonly OptionsPage<DashboardOptions> Page = new("docs/dashboard.md");

    public static TheoryData<string> Names => OptionsPage<DashboardOptions>.Names;

    [Fact]
    public void Every_option_has_a_row_and_every_row_an_option() => Page.HasEveryOptionAndNoOther();

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_on_the_page_is_that_of_a_new_instance(string name) => Page.HasTheDefaultOf(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Xml_documentation_states_the_range_of_the_page(string name) => Page.HasTheRangeOf(name);
}
