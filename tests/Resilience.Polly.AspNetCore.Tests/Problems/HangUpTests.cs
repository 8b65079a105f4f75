using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Requests whose client does not wait for the answer.</summary>
public class HangUpTests
{
    public static TheoryData<string> Failures => ["open circuit", "attempt timeout", "unreachable", "503", "unmapped timeout"];

    [Theory]
    [MemberData(nameof(Failures))]
    public Task Failure_after_the_client_hung_up_is_499(string name) => IsCountedAs499Async(() => FailureCase.Of(name).Failure);

    [Fact]
    public Task Cancellation_by_the_client_is_499() => IsCountedAs499Async(() => new OperationCanceledException());

    private static async Task IsCountedAs499Async(Func<Exception> failure)
    {
        var isInside = new TaskCompletionSource();
        var status = new TaskCompletionSource<int>();
        await using var app = await ProblemApp.StartAsync(
            async context =>
            {
                isInside.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
                throw failure();
            },
            map: app =>
            {
                app.Use(async (context, next) =>
                {
                    await next(context);
                    status.SetResult(context.Response.StatusCode);
                });
                app.UseExceptionHandler();
            });
        using var client = new CancellationTokenSource();
        var request = app.Client.GetAsync("/", client.Token);
        await isInside.Task.WaitAsync(DashboardApp.Patience);

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.Equal(StatusCodes.Status499ClientClosedRequest, await status.Task.WaitAsync(DashboardApp.Patience));
        Assert.Empty(app.Log.Lines);
    }
}
