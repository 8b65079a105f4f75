using System.Collections.Frozen;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Resilience.Polly.Failures;

/// <summary>
/// Which failures of a database are transient. Most drivers say so in <see cref="DbException.IsTransient"/>. Those of SQL Server and
/// SQLite never do; they are recognised by their error numbers, without a reference to their packages.
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
        8628, 8645, 8651, 9515, 10922,                                      // memory or a query plan not available in time
        615, 617, 669, 921, 926, 1807, 14355, 17197, 20041,                 // a database that is starting, moving or being restored
        4060, 4221, 10928, 10929, 10936, 40143, 40166, 40197, 40501, 40540, // Azure SQL: limits, failover, reconfiguration
        40613, 42108, 42109, 49918, 49919, 49920, 49983,
    ]);

    public static bool IsTransient(DbException exception) =>
        exception.IsTransient || IsTransientOfSqlServer(exception) || IsLockOfSqlite(exception);

    // SqlClient writes the number of the first error there. Reading its property Number would need reflection.
    private static bool IsTransientOfSqlServer(DbException exception) =>
        exception.Data["HelpLink.EvtSrc"] is "MSSQLServer"
        && int.TryParse(exception.Data["HelpLink.EvtID"] as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && SqlServerNumbers.Contains(number);

    private static bool IsLockOfSqlite(DbException exception) =>
        exception.GetType().FullName == SqliteType
        && Sqlite.ErrorCode is { } property
        && property.DeclaringType!.IsInstanceOfType(exception)
        && property.GetValue(exception) is SqliteBusy or SqliteLocked;

    // The code is only in this property. The names are literals, so trimming keeps the property.
    private static class Sqlite
    {
        public static readonly PropertyInfo? ErrorCode =
            Type.GetType("Microsoft.Data.Sqlite.SqliteException, Microsoft.Data.Sqlite")?.GetProperty("SqliteErrorCode");
    }
}
