namespace Resilience.Polly;

/// <summary>The presets of a block by name; each read makes a new instance.</summary>
internal sealed class Presets<TBlock>() : Dictionary<string, Func<TBlock>>(StringComparer.OrdinalIgnoreCase);
