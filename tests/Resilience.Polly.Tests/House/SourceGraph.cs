using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Resilience.Polly.Tests.House;

/// <summary>Which file of a package uses what another declares, as the compiler sees it. Comments do not count.</summary>
internal sealed class SourceGraph
{
    private const string GlobalUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private readonly string _root;
    private readonly HashSet<Reference> _references = [];

    public SourceGraph(string root, string package)
    {
        _root = Path.Combine(root, "src", package);
        Trees = [.. Directory.EnumerateFiles(_root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: Path.GetRelativePath(_root, file))),
            .. Linked(Path.Combine(_root, $"{package}.csproj"))];
        var others = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(assembly => Path.GetFileNameWithoutExtension(assembly) != package)
            .Select(assembly => MetadataReference.CreateFromFile(assembly));
        var compilation = CSharpCompilation.Create(
            package,
            [.. Trees, CSharpSyntaxTree.ParseText(GlobalUsings)],
            others,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        Errors = [.. compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error && !IsOfGenerated(found)).Select(found => found.ToString())];
        foreach (var tree in Trees)
        {
            Read(tree, compilation.GetSemanticModel(tree));
        }
    }

    public IReadOnlyList<SyntaxTree> Trees { get; }

    /// <summary>What the compiler does not understand, so that a reference could be missed.</summary>
    public IReadOnlyList<string> Errors { get; }

    public IReadOnlyCollection<Reference> References => _references;

    /// <summary>Files that all refer to each other, the largest such group.</summary>
    public IReadOnlyList<string> LargestCircle() => new Circles(_references.ToLookup(r => r.From, r => r.To)).Largest(Trees.Select(tree => tree.FilePath));

    // What generators write is missing here: the bodies of log methods, and the serializer of the dashboard.
    private static bool IsOfGenerated(Diagnostic found) =>
        found.Id is "CS8795" or "CS0762" or "CS7036" || found.GetMessage().Contains("'DashboardJson'", StringComparison.Ordinal);

    // Sources of another package that this one compiles too stand in the folder that the project names.
    private static IEnumerable<SyntaxTree> Linked(string project) =>
        from file in XDocument.Load(project).Descendants("Compile")
        let source = Path.Combine(Path.GetDirectoryName(project)!, file.Attribute("Include")!.Value.Replace('\\', Path.DirectorySeparatorChar))
        select CSharpSyntaxTree.ParseText(File.ReadAllText(source), path: file.Attribute("Link")!.Value.Replace('\\', Path.DirectorySeparatorChar));

    private void Read(SyntaxTree tree, SemanticModel model)
    {
        foreach (var name in tree.GetRoot().DescendantNodes(node => node is not UsingDirectiveSyntax).OfType<SimpleNameSyntax>())
        {
            var info = model.GetSymbolInfo(name);
            if ((info.Symbol ?? info.CandidateSymbols.FirstOrDefault()) is not { } symbol || symbol is INamespaceSymbol)
            {
                continue;
            }

            var declared = ((symbol as IMethodSymbol)?.ReducedFrom ?? symbol).OriginalDefinition;
            var owner = declared is INamedTypeSymbol or { DeclaringSyntaxReferences.Length: > 0 } ? declared : declared.ContainingType;
            foreach (var place in owner?.DeclaringSyntaxReferences ?? [])
            {
                if (place.SyntaxTree != tree && place.SyntaxTree.FilePath.Length > 0)
                {
                    _references.Add(new(tree.FilePath, place.SyntaxTree.FilePath, symbol.Name));
                }
            }
        }
    }

    /// <summary>One file, named by its path within the package, uses what another declares.</summary>
    internal sealed record Reference(string From, string To, string What)
    {
        public string FromFolder => Folder(From);

        public string ToFolder => Folder(To);

        public static string Folder(string file) => Path.GetDirectoryName(file)!.Replace('\\', '/');
    }

    /// <summary>Tarjan's strongly connected components.</summary>
    private sealed class Circles(ILookup<string, string> next)
    {
        private readonly Dictionary<string, int> _index = [];
        private readonly Dictionary<string, int> _low = [];
        private readonly Stack<string> _open = new();
        private List<string> _largest = [];

        public IReadOnlyList<string> Largest(IEnumerable<string> nodes)
        {
            foreach (var node in nodes)
            {
                if (!_index.ContainsKey(node))
                {
                    Visit(node);
                }
            }

            return [.. _largest.Order(StringComparer.Ordinal)];
        }

        private void Visit(string node)
        {
            _index[node] = _low[node] = _index.Count;
            _open.Push(node);
            foreach (var other in next[node].Distinct())
            {
                if (!_index.TryGetValue(other, out var seen))
                {
                    Visit(other);
                    _low[node] = Math.Min(_low[node], _low[other]);
                }
                else if (_open.Contains(other))
                {
                    _low[node] = Math.Min(_low[node], seen);
                }
            }

            if (_low[node] != _index[node])
            {
                return;
            }

            var circle = new List<string>();
            do
            {
                circle.Add(_open.Pop());
            }
            while (circle[^1] != node);

            _largest = circle.Count > _largest.Count ? circle : _largest;
        }
    }
}
