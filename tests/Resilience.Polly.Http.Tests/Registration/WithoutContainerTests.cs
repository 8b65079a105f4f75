using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Registration;

public class WithoutContainerTests
{
    [Fact]
    public async Task GetClient_gives_a_client_that_sends_through_its_pipeline()
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Ok("done"));
        await using var pipelines = ResiliencePipelines.Create(resilience => resilience.Services.AddResilientClient("rates", options =>
        {
            options.BaseAddress = server.Address;
            options.Retry.MinWait = TimeSpan.Zero;
            options.Retry.MaxWait = TimeSpan.Zero;
        }));

        using var answer = await pipelines.GetClient("rates").GetAsync("today");

        Assert.Equal("done", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public void GetClient_of_an_unknown_name_says_how_to_add_it()
    {
        using var pipelines = ResiliencePipelines.Create(_ => { });

        var refused = Assert.Throws<KeyNotFoundException>(() => pipelines.GetClient("rates"));

        Assert.Contains("AddResilientClient(\"rates\")", refused.Message, StringComparison.Ordinal);
    }
}
