using Polly;

namespace Resilience.Polly.Tests.Partitions;

/// <summary>An application with one partitioned pipeline, and calls of it by key.</summary>
internal sealed class PartitionedApp(TestPipelines app, Recorder heard) : IAsyncDisposable
{
    public TestPipelines App => app;

    public Recorder Heard => heard;

    public PipelineSnapshot Snapshot => app.Snapshot;

    /// <summary>A circuit opens with the second failure, and no call is repeated, unless <paramref name="configure"/> says otherwise.</summary>
    public static PartitionedApp Of(Action<PipelineOptions>? configure = null)
    {
        var heard = new Recorder();
        return new(
            TestPipelines.Of(
                options =>
                {
                    (options.PartitionBy, options.CircuitBreaker.FailureThreshold, options.Retry.MaxAttempts) = (PartitionBy.Key, 2, 1);
                    configure?.Invoke(options);
                },
                listeners: heard),
            heard);
    }

    public PartitionSnapshot? Find(string key) => Snapshot.Partitions.SingleOrDefault(partition => partition.Key == key);

    /// <summary>Makes a call, and gives what its caller sees: nothing, or an exception.</summary>
    public Exception? Call(string? key, bool fails = false) => Call(app.Pipeline, key, fails);

    public static Exception? Call(ResiliencePipeline pipeline, string? key, bool fails = false)
    {
        var context = ResilienceContextPool.Shared.Get();
        if (key is not null)
        {
            context.Properties.Set(CallProperties.Partition, key);
        }

        try
        {
            return Record.Exception(() => pipeline.Execute(static (_, fails) => fails ? throw new TimeoutException() : 0, context, fails));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Open(string key)
    {
        Call(key, fails: true);
        Call(key, fails: true);
    }

    /// <summary>Begins a call that is inside until its source has a result.</summary>
    public async Task HoldAsync(string key, TaskCompletionSource answer)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.Partition, key);
        await app.Pipeline.ExecuteAsync(static async (_, answer) => await answer.Task, context, answer);
        ResilienceContextPool.Shared.Return(context);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
