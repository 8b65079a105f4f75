using System.Reflection;
using Resilience.Polly.AspNetCore;

namespace Resilience.Polly.Tests;

/// <summary>The page on idempotent endpoints says what the code says.</summary>
public class IdempotencyDocsTests
{
    private const string Path = "docs/idempotency.md";

    private static readonly OptionsPage<IdempotentEndpointOptions> Page = new(Path);

    public static TheoryData<string> Names => OptionsPage<IdempotentEndpointOptions>.Names;

    [Fact]
    public void Every_option_has_a_row_and_every_row_an_option() => Page.HasEveryOptionAndNoOther();

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_on_the_page_is_that_of_a_new_instance(string name) => Page.HasTheDefaultOf(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Xml_documentation_states_the_range_of_the_page(string name) => Page.HasTheRangeOf(name);

    [Fact]
    public void Table_of_answers_has_each_problem_with_its_status_and_whether_it_can_be_repeated()
    {
        var problem = typeof(IdempotentEndpointOptions).Assembly.GetType("Resilience.Polly.AspNetCore.Idempotency.Responses.Problem", throwOnError: true)!;
        var fault = typeof(IdempotentEndpointOptions).Assembly.GetType("Resilience.Polly.AspNetCore.Idempotency.Requests.KeyFault", throwOnError: true)!;
        var ofFaults = Enum.GetValues(fault).Cast<object>().Where(value => value.ToString() != "None").Select(value => problem.GetMethod("Of")!.Invoke(null, [value, "Key"])!);
        var known = problem.GetFields(BindingFlags.Static | BindingFlags.Public).Where(field => field.FieldType == problem).Select(field => field.GetValue(null)!).Concat(ofFaults)
            .Select(one => $"{Value(one, "Status")}{((bool)Value(one, "CanBeRepeated") ? " with `Retry-After`" : "")} `{Value(one, "Code")}`").Distinct();
        var told = DocsTable.RowsWith("code").Where(row => row.Page == Path && row["code"].Length > 0).Select(row => $"{row["status"]} {row["code"]}");

        Assert.Equal(known.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));

        object Value(object one, string name) => problem.GetProperty(name)!.GetValue(one)!;
    }
}
