using Microsoft.Data.Sqlite;

namespace Cluster;

/// <summary>A book on disk that several processes write. What was written is on the disk before the writer goes on, and survives any kill.</summary>
internal sealed class Database : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;

    public Database(string file, string table)
    {
        _connection = new($"Data Source={file};Pooling=False");
        _connection.Open();
        Execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        Execute($"CREATE TABLE IF NOT EXISTS {table};");
    }

    /// <summary>Runs a statement, and returns the first value that it gives.</summary>
    public object? Execute(string statement, params ReadOnlySpan<object?> values)
    {
        lock (_gate)
        {
            using var command = Command(statement, values);
            return command.ExecuteScalar();
        }
    }

    public List<TRow> Read<TRow>(string statement, Func<SqliteDataReader, TRow> read)
    {
        lock (_gate)
        {
            using var command = Command(statement, []);
            using var reader = command.ExecuteReader();
            var rows = new List<TRow>();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Command(string statement, ReadOnlySpan<object?> values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // all statements are constants of this program
        command.CommandText = statement;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        }

        return command;
    }
}
