using Cluster;

namespace Resilience.Polly.Redis.Tests;

/// <summary>What judges a round of the sample Cluster finds every kind of broken promise.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("audit-").FullName;

    [Fact]
    public void Round_without_a_fault_is_whole()
    {
        var audit = new Audit([Bought("a", Ending.Confirmed, 1, 1), Bought("b", Ending.Unknown), Bought("c", Ending.Unknown)], [new(1, "a"), new(2, "c")], [new("a", 1), new("b", null), new("c", null)]);

        Assert.Empty(audit.Broken());
        Assert.Equal((3, 1, 2, 1, 1), (audit.Checkouts, audit.Confirmed, audit.Unknown, audit.UnknownAndCharged, audit.AskedTwice));
    }

    [Fact]
    public void Second_charge_is_found_also_if_the_order_is_unknown() => Assert.Equal(
        ["2 charged twice: a, b"],
        new Audit([Bought("a", Ending.Confirmed, 1), Bought("b", Ending.Unknown)], [new(1, "a"), new(2, "a"), new(3, "b"), new(4, "b")], [new("a", 1), new("b", null)]).Broken());

    [Theory]
    [InlineData(2, "a", "a", 1)] // another charge than the client was told
    [InlineData(1, "b", "a", 1)] // the charge of another order
    [InlineData(1, "a", "b", 1)] // not in the book of the shop
    [InlineData(1, "a", "a", 2)] // there with another charge
    public void Confirmed_order_that_the_books_do_not_have_is_lost(long number, string charged, string ordered, long charge)
    {
        var audit = new Audit([Bought("a", Ending.Confirmed, 1), Bought("b", Ending.Unknown)], [new(number, charged)], [new(ordered, charge)]);

        Assert.Equal(["1 confirmed and lost: a"], audit.Broken());
    }

    [Fact]
    public void Second_answer_that_differs_from_the_first_is_lost() =>
        Assert.Equal(["1 confirmed and lost: a"], new Audit([Bought("a", Ending.Confirmed, 1, 2)], [new(1, "a")], [new("a", 1)]).Broken());

    [Fact]
    public void Charge_of_which_the_client_heard_nothing_is_found()
    {
        var audit = new Audit([Bought("a", Ending.Open), Bought("b", Ending.Failed)], [new(1, "a"), new(2, "b"), new(3, "c")], []);

        Assert.Equal(["3 charged without a word to the client: a, b, c", "1 answered with an error: b", "1 without an answer: a"], audit.Broken());
    }

    [Fact]
    public void Journal_survives_a_kill_in_the_middle_of_a_line()
    {
        using (var journal = new Journal(_folder, "client-1"))
        {
            journal.Begin(new("a", 100));
            journal.End(new("a", 100), Ending.Confirmed, 12);
            journal.Begin(new("b", 200));
        }

        File.AppendAllText(Directory.GetFiles(_folder).Single(), "b Confirmed 3"); // of 34;
        using var again = new Journal(_folder, "client-1");
        again.End(new("b", 200), Ending.Confirmed, 34);

        Assert.Equal([("a", Ending.Confirmed), ("b", Ending.Open)], again.Purchases.Select(purchase => (purchase.Order.Id, purchase.Ending)));
        Assert.Equal([12, 34], Journal.ReadAll(_folder).Select(purchase => Assert.Single(purchase.Charges)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Purchase Bought(string id, Ending ending, params long[] charges) => new(new(id, 100), ending, charges);
}
