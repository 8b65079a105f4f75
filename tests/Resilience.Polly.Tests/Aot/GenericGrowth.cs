using Mono.Cecil;
using Mono.Collections.Generic;

namespace Resilience.Polly.Tests.Aot;

/// <summary>
/// Finds generic code that needs ever larger types. A graph has an edge from each type parameter to each one that it is an argument for, as itself or inside a
/// larger type. A larger type on a cycle grows with each turn: code that is compiled as it is needed never notices, native AOT never ends.
/// </summary>
internal sealed class GenericGrowth
{
    private readonly Dictionary<string, HashSet<(string To, bool Grows)>> _edges = [];

    private GenericGrowth()
    {
    }

    /// <summary>The edges that grow and lie on a cycle, as "who > whom".</summary>
    /// <param name="types">What is compiled, with all it can reach among itself.</param>
    public static IReadOnlyList<string> Among(IReadOnlyCollection<TypeDefinition> types)
    {
        var growth = new GenericGrowth();
        foreach (var type in types)
        {
            growth.Read(type);
        }

        growth.LinkOverrides(types);
        return
        [
            .. from edges in growth._edges
               from edge in edges.Value
               where edge.Grows && growth.Reaches(edge.To, edges.Key)
               orderby edges.Key, edge.To
               select $"{edges.Key} > {edge.To}",
        ];
    }

    private void Read(TypeDefinition type)
    {
        Use(type.BaseType);
        foreach (var used in type.Interfaces.Select(each => each.InterfaceType).Concat(type.Fields.Select(field => field.FieldType)))
        {
            Use(used);
        }

        foreach (var body in type.Methods.Where(method => method.HasBody && !IsForTheJitOnly(method)).Select(method => method.Body))
        {
            foreach (var used in body.Variables.Select(variable => variable.VariableType))
            {
                Use(used);
            }

            foreach (var instruction in body.Instructions)
            {
                switch (instruction.Operand)
                {
                    case TypeReference used:
                        Use(used);
                        break;
                    case MethodReference used:
                        Use(used.DeclaringType);
                        Use((used as GenericInstanceMethod)?.GenericArguments, used.Resolve()?.GenericParameters);
                        break;
                    case FieldReference used:
                        Use(used.DeclaringType);
                        Use(used.FieldType);
                        break;
                }
            }
        }
    }

    // Polly asks RuntimeFeature.IsDynamicCodeSupported and keeps this way of its own from native code, where it would grow.
    private static bool IsForTheJitOnly(MethodDefinition method) =>
        method is { Name: "ExecuteComponent", DeclaringType.Name: "DelegatingComponent" } || method.DeclaringType.FullName.Contains("<ExecuteComponent>", StringComparison.Ordinal)
        || method.Name.StartsWith("<ExecuteComponent>", StringComparison.Ordinal);

    private void Use(TypeReference? type)
    {
        switch (type)
        {
            case GenericInstanceType instance:
                Use(instance.GenericArguments, instance.Resolve()?.GenericParameters);
                break;
            case TypeSpecification wrapper:
                Use(wrapper.ElementType);
                break;
        }
    }

    private void Use(Collection<TypeReference>? arguments, Collection<GenericParameter>? parameters)
    {
        for (var i = 0; i < arguments?.Count && i < parameters?.Count; i++)
        {
            foreach (var part in PartsOf(arguments[i]))
            {
                Link(part, parameters[i], grows: !ReferenceEquals(part, arguments[i]));
            }

            Use(arguments[i]);
        }
    }

    private static IEnumerable<GenericParameter> PartsOf(TypeReference type) => type switch
    {
        GenericParameter parameter => [parameter],
        GenericInstanceType instance => instance.GenericArguments.SelectMany(PartsOf),
        TypeSpecification wrapper => PartsOf(wrapper.ElementType),
        _ => [],
    };

    // What a virtual method is called with, each of its overrides is.
    private void LinkOverrides(IEnumerable<TypeDefinition> types)
    {
        foreach (var method in types.SelectMany(type => type.Methods).Where(method => method.IsVirtual && method.HasGenericParameters))
        {
            for (var above = method.DeclaringType.BaseType?.Resolve(); above is not null; above = above.BaseType?.Resolve())
            {
                foreach (var overridden in above.Methods.Where(each => each.Name == method.Name && each.GenericParameters.Count == method.GenericParameters.Count))
                {
                    for (var i = 0; i < method.GenericParameters.Count; i++)
                    {
                        Link(overridden.GenericParameters[i], method.GenericParameters[i], grows: false);
                    }
                }
            }
        }
    }

    private void Link(GenericParameter from, GenericParameter to, bool grows)
    {
        var name = NameOf(from);
        if (!_edges.TryGetValue(name, out var edges))
        {
            _edges[name] = edges = [];
        }

        edges.Add((NameOf(to), grows));
    }

    private static string NameOf(GenericParameter parameter) => parameter.Owner switch
    {
        MethodReference method => $"{method.Resolve()?.FullName ?? method.FullName}#{parameter.Position}",
        TypeReference type => $"{type.Resolve()?.FullName ?? type.FullName}#{parameter.Position}",
        _ => parameter.FullName,
    };

    private bool Reaches(string from, string to)
    {
        var seen = new HashSet<string> { from };
        var open = new Stack<string>(seen);
        while (open.TryPop(out var next))
        {
            if (next == to)
            {
                return true;
            }

            foreach (var (after, _) in _edges.GetValueOrDefault(next) ?? [])
            {
                if (seen.Add(after))
                {
                    open.Push(after);
                }
            }
        }

        return false;
    }
}
