namespace Cluster;

/// <summary>The table at the end: what was charged, confirmed, unknown and lost.</summary>
internal static class ClosingTable
{
    public static void Write(Audit audit, IReadOnlyList<string> killed, TimeSpan took)
    {
        Console.WriteLine();
        Line("checkouts", audit.Checkouts);
        Line("  confirmed", audit.Confirmed);
        Line("    asked again, same answer", audit.AskedTwice);
        Line("  unknown, and the client was told so", audit.Unknown);
        Line("    of which the ledger has the charge", audit.UnknownAndCharged);
        Line("  without an answer, or with an error", audit.Unanswered.Count() + audit.Failed.Count());
        Line("charges in the ledger", audit.Charges);
        Line("  orders charged twice", audit.ChargedTwice.Count());
        Line("  charged without a word to the client", audit.Silent.Count());
        Line("confirmed orders that were lost", audit.Lost.Count());
        Line("kills", killed.Count);
        foreach (var (role, count) in killed.CountBy(name => name.Split('-')[0]).OrderBy(kind => kind.Key))
        {
            Line($"  {role}", count);
        }

        Console.WriteLine($"took {took.TotalSeconds:0} s");
    }

    private static void Line(string what, int count) => Console.WriteLine($"{what,-42}{count,8}");
}
