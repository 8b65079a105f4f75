using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Resilience.Polly.Tests;

/// <summary>
/// Compiles a block of the documentation after the prelude, with every assembly that the test project has. A block knows the namespaces
/// that its project imports, and those that it or a block above it on the page names.
/// </summary>
internal static class DocsScript
{
    private static readonly Lazy<Script<object>> Prelude = new(() =>
    {
        var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithReferences(assemblies.Select(path => MetadataReference.CreateFromFile(path)))
            .WithImports(DocsProgram.ImplicitUsings);
        return CSharpScript.Create(File.ReadAllText(Path.Combine(DocsPages.Root, "tests/Resilience.Polly.Tests/Docs/Prelude.csx")), options);
    });

    public static IEnumerable<Diagnostic> Errors(string code) =>
        Prelude.Value.ContinueWith(code).GetCompilation().GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    /// <summary>The errors of a block, one a line, with their place on the page.</summary>
    public static string ErrorsOf(string page, int line) => string.Join('\n', Errors(UsingsAbove(page, line) + DocsPages.BlockAt(page, line).Code)
        .Select(error => $"{page}({line + 1 + error.Location.GetLineSpan().StartLinePosition.Line}): {error.Id} {error.GetMessage(null)}"));

    // On one line, so that the lines of the block keep their numbers.
    private static string UsingsAbove(string page, int line) => string.Concat(DocsPages.Blocks
        .Where(block => block.Page == page && block.Line < line && block.Language == "csharp")
        .SelectMany(block => CSharpSyntaxTree.ParseText(block.Code).GetCompilationUnitRoot().Usings.Select(name => $"{name.WithoutTrivia().NormalizeWhitespace()} "))
        .Distinct());
}
