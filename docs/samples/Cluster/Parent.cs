namespace Cluster;

/// <summary>Ends this process with the one that started it, also if that one was killed: then its end of the pipe is closed.</summary>
internal static class Parent
{
    public static void EndWithIt() => new Thread(static () =>
    {
        using var parent = Console.OpenStandardInput();
        while (parent.ReadByte() >= 0)
        {
        }

        Environment.Exit(0);
    })
    { IsBackground = true }.Start();
}
