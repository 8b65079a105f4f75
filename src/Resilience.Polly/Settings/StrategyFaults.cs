using System.ComponentModel.DataAnnotations;

namespace Resilience.Polly.Settings;

/// <summary>Checks the options of a strategy by the settings table of its block, as those of a named pipeline are checked.</summary>
internal static class StrategyFaults
{
    /// <param name="block">The table.</param>
    /// <param name="options">What it checks.</param>
    /// <param name="names">Settings that the strategy gives another name than the table does.</param>
    /// <returns>One result for each fault.</returns>
    public static IEnumerable<ValidationResult> Of<TBlock>(SettingsBlock<TBlock> block, TBlock options, params (string InTable, string InOptions)[] names)
        where TBlock : class, new()
    {
        var faults = new List<SettingFault>();
        block.Check(options, "", faults);
        foreach (var fault in faults)
        {
            var name = fault.Path.TrimStart(':').Replace(':', '.');
            var inOptions = Array.Find(names, each => each.InTable == name).InOptions ?? name;
            yield return new ValidationResult((fault with { Path = inOptions }).ToString(), [inOptions]);
        }
    }
}
