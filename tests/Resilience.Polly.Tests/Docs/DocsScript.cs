using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Resilience.Polly.Tests;

/// <summary>Compiles a block of the documentation after the prelude, with every assembly that the test project has.</summary>
internal static class DocsScript
{
    private static readonly Lazy<Script<object>> Prelude = new(() =>
    {
        var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithReferences(assemblies.Select(path => MetadataReference.CreateFromFile(path)))
            .WithImports("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks");
        return CSharpScript.Create(File.ReadAllText(Path.Combine(DocsPages.Root, "tests/Resilience.Polly.Tests/Docs/Prelude.csx")), options);
    });

    public static IEnumerable<Diagnostic> Errors(string code) =>
        Prelude.Value.ContinueWith(code).GetCompilation().GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    /// <summary>The errors of a block, one a line, with their place on the page.</summary>
    public static string ErrorsOf(string page, int line) => string.Join('\n', Errors(DocsPages.BlockAt(page, line).Code)
        .Select(error => $"{page}({line + 1 + error.Location.GetLineSpan().StartLinePosition.Line}): {error.Id} {error.GetMessage(null)}"));
}
