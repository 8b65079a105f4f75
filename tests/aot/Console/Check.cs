namespace AotConsole;

internal static class Check
{
    public static void That(string what, bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"native code: {what} does not hold");
        }
    }
}

internal static class Echo
{
    public static async ValueTask<T> AsyncOf<T>(T value, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return value;
    }
}
