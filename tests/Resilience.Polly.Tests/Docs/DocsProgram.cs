using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Resilience.Polly.Tests;

/// <summary>Compiles a block of the documentation alone, as the only file of a new project of Microsoft.NET.Sdk.Web.</summary>
internal static class DocsProgram
{
    /// <summary>What ImplicitUsings gives in such a project.</summary>
    public static readonly string[] ImplicitUsings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json", "System.Threading", "System.Threading.Tasks",
        "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    private static readonly Lazy<SyntaxTree> GlobalUsings = new(() =>
        CSharpSyntaxTree.ParseText(string.Concat(ImplicitUsings.Select(name => $"global using global::{name};\n"))));

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))]);

    public static IEnumerable<Diagnostic> Errors(string code) =>
        Compile(code).GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    /// <summary>Compiles a program and runs it to its end.</summary>
    public static void Run(string code)
    {
        using var file = new MemoryStream();
        var result = Compile(code).Emit(file);
        if (!result.Success)
        {
            throw new InvalidDataException(string.Join('\n', result.Diagnostics));
        }

        Assembly.Load(file.ToArray()).EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [Array.Empty<string>()], null);
    }

    /// <summary>The errors of a block, one a line, with their place on the page.</summary>
    public static string ErrorsOf(string page, int line) => string.Join('\n', Errors(DocsPages.BlockAt(page, line).Code)
        .Select(error => $"{page}({line + 1 + error.Location.GetLineSpan().StartLinePosition.Line}): {error.Id} {error.GetMessage(null)}"));

    private static CSharpCompilation Compile(string code)
    {
        var tree = CSharpSyntaxTree.ParseText(code);
        var isProgram = tree.GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any();
        var options = new CSharpCompilationOptions(
            isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create("Pasted", [GlobalUsings.Value, tree], References.Value, options);
    }
}
