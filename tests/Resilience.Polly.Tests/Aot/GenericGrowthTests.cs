using Mono.Cecil;
using Mono.Cecil.Rocks;
using Polly;
using Resilience.Polly.AspNetCore;
using Resilience.Polly.Http;

namespace Resilience.Polly.Tests.Aot;

/// <summary>No code of the library, together with Polly's, needs ever larger generic types. <c>.ci/run</c> compiles two programs to native code besides.</summary>
public sealed class GenericGrowthTests : IDisposable
{
    private static readonly string[] Library =
        [typeof(PipelineOptions).Assembly.Location, typeof(ResilientClient).Assembly.Location, typeof(DashboardOptions).Assembly.Location];

    private static readonly string Core = typeof(ResiliencePipeline).Assembly.Location;

    // Reads the bodies of methods when they are asked for.
    private readonly DefaultAssemblyResolver _assemblies = new();

    public GenericGrowthTests()
    {
        _assemblies.AddSearchDirectory(AppContext.BaseDirectory);
        _assemblies.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        _assemblies.AddSearchDirectory(Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location)!);
    }

    public void Dispose() => _assemblies.Dispose();

    [Fact]
    public void Library_has_no_generic_code_that_grows() => Assert.Empty(GenericGrowth.Among(TypesOf([.. Library, Core])));

    [Theory]
    [InlineData(typeof(WrapsItsState))]
    [InlineData(typeof(ExecutesWithState))]
    [InlineData(typeof(WrapsItsResult))]
    [InlineData(typeof(WrapsInItsMachine))]
    public void Strategy_that_hands_Polly_a_type_around_its_own_is_found(Type strategy)
    {
        var own = TypesOf(strategy.Assembly.Location).Where(type => type.FullName.StartsWith($"{typeof(GenericGrowthTests).FullName}/{strategy.Name}", StringComparison.Ordinal));
        Assert.NotEmpty(GenericGrowth.Among([.. own, .. TypesOf(Core)]));
    }

    [Fact]
    public void Strategy_that_hands_Polly_what_it_was_given_is_well()
    {
        var own = TypesOf(typeof(HandsOn).Assembly.Location).Where(type => type.FullName.StartsWith($"{typeof(GenericGrowthTests).FullName}/{nameof(HandsOn)}", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(own);
        Assert.Empty(GenericGrowth.Among([.. own, .. TypesOf(Core)]));
    }

    private TypeDefinition[] TypesOf(params IEnumerable<string> assemblies) =>
        [.. assemblies.SelectMany(path => _assemblies.Resolve(AssemblyNameReference.Parse(Path.GetFileNameWithoutExtension(path))).MainModule.GetAllTypes())];

    private sealed class HandsOn(ResiliencePipeline inner) : ResilienceStrategy
    {
        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
            inner.ExecuteOutcomeAsync(callback, context, state);
    }

    private sealed class WrapsItsState(ResiliencePipeline inner) : ResilienceStrategy
    {
        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
            inner.ExecuteOutcomeAsync(static (c, s) => s.callback(c, s.state), context, (callback, state));
    }

    private sealed class ExecutesWithState(ResiliencePipeline inner) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
            Outcome.FromResult(await inner.ExecuteAsync(async (c, s) => (await callback(c, s)).Result!, context, state));
    }

    private sealed class WrapsItsResult(ResiliencePipeline inner) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
            (await inner.ExecuteAsync(static async (c, s) => (IReadOnlyList<Outcome<TResult>>)[await ((Func<ResilienceContext, ValueTask<Outcome<TResult>>>)s)(c)], context, (object)((ResilienceContext c) => callback(c, state))))[0];
    }

    private sealed class WrapsInItsMachine(ResiliencePipeline inner) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            var kept = new List<TState> { state };
            return await inner.ExecuteOutcomeAsync((c, s) => callback(c, s[0]), context, kept);
        }
    }
}
