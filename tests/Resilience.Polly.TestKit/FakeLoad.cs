namespace Resilience.Polly.TestKit;

/// <summary>The load as a test says it is.</summary>
public sealed class FakeLoad : ILoadReader
{
    private Func<SystemLoad?> _read = () => new(0, 0);

    public void Set(double cpu, double memory) => _read = () => new(cpu, memory);

    public void SetUnknown() => _read = () => null;

    public void Break() => _read = () => throw new IOException("no such file");

    public SystemLoad? Read() => _read();
}
