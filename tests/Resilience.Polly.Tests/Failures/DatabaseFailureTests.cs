using System.Data.Common;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace Resilience.Polly.Tests.Failures;

/// <summary>Databases whose drivers never report IsTransient: real exceptions of the real packages.</summary>
public class DatabaseFailureTests
{
    private static async Task<(Exception Seen, int Attempts, int Failures)> SeenAsync(Exception thrown)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var dependency = new Dependency(Dependency.Throws(thrown));
        var seen = await dependency.ThroughAsync(app.Pipeline);
        return (seen.Exception!, dependency.Attempts, app.Snapshot.CircuitBreaker.FailureCount);
    }

    // SqlClient makes its exceptions itself only, and does not run without the cultures that the tests go without: its own maker, by reflection.
    private static SqlException SqlServer(int number, Exception? inside = null)
    {
        const BindingFlags hidden = BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        var error = (SqlError)typeof(SqlError).GetConstructor(hidden, [typeof(int), typeof(byte), typeof(byte), typeof(string), typeof(string), typeof(string), typeof(int), typeof(Exception)])!
            .Invoke([number, (byte)0, (byte)11, "server", "message", "", 1, inside]);
        var errors = (SqlErrorCollection)Activator.CreateInstance(typeof(SqlErrorCollection), nonPublic: true)!;
        typeof(SqlErrorCollection).GetMethod("Add", hidden)!.Invoke(errors, [error]);
        return (SqlException)typeof(SqlException).GetMethod("CreateException", hidden, [typeof(SqlErrorCollection), typeof(string), typeof(Guid), typeof(Exception)])!
            .Invoke(null, [errors, "16.0", Guid.Empty, inside])!;
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(1205)]
    [InlineData(1222)]
    [InlineData(4060)]
    [InlineData(10928)]
    [InlineData(40197)]
    [InlineData(40501)]
    [InlineData(40613)]
    [InlineData(49918)]
    public async Task Number_of_SQL_Server_that_is_over_in_a_moment_is_retried_counted_and_mapped(int number)
    {
        var thrown = SqlServer(number);
        Assert.Equal((number, false), (thrown.Number, thrown.IsTransient)); // or nobody needs this any more

        var (seen, attempts, failures) = await SeenAsync(thrown);

        Assert.Same(thrown, Assert.IsType<ApiConnectionException>(seen).InnerException);
        Assert.Equal((2, 1), (attempts, failures));
    }

    [Theory]
    [InlineData(102)]   // syntax
    [InlineData(547)]   // foreign key
    [InlineData(2627)]  // unique key
    [InlineData(8134)]  // divided by zero
    [InlineData(18456)] // login
    [InlineData(50000)] // of one's own
    public async Task Number_of_SQL_Server_that_lasts_passes_untouched(int number)
    {
        var thrown = SqlServer(number);

        Assert.Equal((thrown, 1, 0), await SeenAsync(thrown));
    }

    [Fact]
    public async Task SQL_Server_that_refuses_the_connection_has_no_number_and_a_SocketException_inside()
    {
        var thrown = SqlServer(0, new SocketException((int)SocketError.ConnectionRefused));

        var (seen, attempts, failures) = await SeenAsync(thrown);

        Assert.Same(thrown, Assert.IsType<ApiConnectionException>(seen).InnerException);
        Assert.Equal((2, 1), (attempts, failures));
        Assert.Equal(1, (await SeenAsync(SqlServer(0))).Attempts);
    }

    [Fact]
    public async Task SQLite_that_is_busy_or_locked_is_retried_counted_and_mapped()
    {
        foreach (var thrown in new[] { Busy(), Locked() })
        {
            Assert.False(thrown.IsTransient);

            var (seen, attempts, failures) = await SeenAsync(thrown);

            Assert.Same(thrown, Assert.IsType<ApiConnectionException>(seen).InnerException);
            Assert.Equal((2, 1), (attempts, failures));
            Assert.IsType<ApiConnectionException>((await SeenAsync(new InvalidOperationException("as EF Core wraps it", thrown))).Seen);
        }
    }

    [Fact]
    public async Task SQLite_that_refuses_a_statement_passes_untouched()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        var thrown = Assert.Throws<SqliteException>(() => Run(connection, "create table t(x unique); insert into t values(1); insert into t values(1)"));

        Assert.Equal((thrown, 1, 0), await SeenAsync(thrown));
    }

    [Fact]
    public async Task Driver_that_writes_nothing_of_its_own_is_asked_for_IsTransient()
    {
        Assert.Equal(1, (await SeenAsync(new OtherException(isTransient: false))).Attempts);
        Assert.Equal(2, (await SeenAsync(new OtherException(isTransient: true))).Attempts);
    }

    private static SqliteException Busy()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db");
        try
        {
            using var one = new SqliteConnection($"Data Source={file};Pooling=False");
            using var other = new SqliteConnection($"Data Source={file};Pooling=False");
            one.Open();
            other.Open();
            Run(one, "create table t(x); begin exclusive; insert into t values(1)");
            var busy = Assert.Throws<SqliteException>(() => Run(other, "insert into t values(2)"));
            Assert.Equal(5, busy.SqliteErrorCode);
            return busy;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static SqliteException Locked()
    {
        var name = $"Data Source={Guid.NewGuid():N};Mode=Memory;Cache=Shared";
        using var one = new SqliteConnection(name);
        using var other = new SqliteConnection(name);
        one.Open();
        other.Open();
        Run(one, "create table t(x); begin; insert into t values(1)");
        var locked = Assert.Throws<SqliteException>(() => Run(other, "select * from t"));
        Assert.Equal(6, locked.SqliteErrorCode);
        return locked;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 1);
        command.ExecuteNonQuery();
    }

    private sealed class OtherException(bool isTransient) : DbException
    {
        public override bool IsTransient => isTransient;
    }
}
