using Cluster;

namespace Resilience.Polly.TestKit;

/// <summary>Finds a port of this machine where nothing listens, as the sample Cluster does for its services.</summary>
public static class FreePort
{
    public static int Find() => Ports.Find();
}
