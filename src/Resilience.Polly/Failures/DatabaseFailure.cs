using System.Collections.Frozen;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Resilience.Polly.Failures;

/// <summary>
/// Which failures of a database may be over in a moment. Most drivers say so themselves in <see cref="DbException.IsTransient"/>; those of SQL Server and
/// SQLite never do, and are known by their error numbers, without a reference to their packages.
/// </summary>
internal static class DatabaseFailure
{
    private const string SqliteType = "Microsoft.Data.Sqlite.SqliteException";

    private const int SqliteBusy = 5;

    private const int SqliteLocked = 6;

    private static readonly FrozenSet<int> SqlServerNumbers = FrozenSet.Create(
    [
        -2, 258,                                                            // no answer in time
        20, 53, 64, 121, 233, 997, 10053, 10054, 10060, 10061, 11001,       // the connection
        1203, 1204, 1205, 1222,                                             // deadlocks and locks
        3935, 3960, 3966, 41301, 41302, 41305, 41325, 41839,                // conflicts between transactions
        8628, 8645, 8651, 9515, 10922,                                      // no memory, or no plan, in time
        615, 617, 669, 921, 926, 1807, 14355, 17197, 20041,                 // a database that starts, moves or is restored
        4060, 4221, 10928, 10929, 10936, 40143, 40166, 40197, 40501, 40540, // Azure SQL: limits, failover, reconfiguration
        40613, 42108, 42109, 49918, 49919, 49920, 49983,
    ]);

    public static bool IsTransient(DbException exception) =>
        exception.IsTransient || IsTransientOfSqlServer(exception) || IsLockOfSqlite(exception);

    // SqlClient writes the number of the first error there. Its property Number needs reflection.
    private static bool IsTransientOfSqlServer(DbException exception) =>
        exception.Data["HelpLink.EvtSrc"] is "MSSQLServer"
        && int.TryParse(exception.Data["HelpLink.EvtID"] as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && SqlServerNumbers.Contains(number);

    private static bool IsLockOfSqlite(DbException exception) =>
        exception.GetType().FullName == SqliteType
        && Sqlite.ErrorCode is { } property
        && property.DeclaringType!.IsInstanceOfType(exception)
        && property.GetValue(exception) is SqliteBusy or SqliteLocked;

    // Its code stands in no other place. The names are written out, so that trimming keeps the property where there is one.
    private static class Sqlite
    {
        public static readonly PropertyInfo? ErrorCode =
            Type.GetType("Microsoft.Data.Sqlite.SqliteException, Microsoft.Data.Sqlite")?.GetProperty("SqliteErrorCode");
    }
}
