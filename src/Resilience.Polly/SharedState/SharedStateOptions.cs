namespace Resilience.Polly;

/// <summary>How the instances of an application share state.</summary>
public class SharedStateOptions
{
    /// <summary>The name of this instance. It is shown in logs and on the dashboard, and no other running instance has it.</summary>
    /// <value>1 to 100 printable characters; the default is the name of the machine, the id of the process and four random characters.</value>
    public string InstanceName { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";

    /// <summary>How many instances must have opened their own circuit before it opens for all. While fewer instances run, all of them must.</summary>
    /// <value>A number of 1 to 1000; the default is 2.</value>
    public int Quorum { get; set; } = 2;

    /// <summary>How often this instance says that it runs, and compares its circuits with the shared ones. Messages tell changes earlier; some may be lost.</summary>
    /// <value>A duration of 00:00:00.1000000 to 00:01:00; the default is 2 seconds.</value>
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an instance that was killed keeps the slots that it held. A third of it passes between two renewals.</summary>
    /// <value>A duration of 00:00:01 to 00:10:00; the default is 10 seconds.</value>
    public TimeSpan SlotLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the reserve of each retry budget is divided by the number of running instances.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool DivideRetryReserve { get; set; } = true;
}
