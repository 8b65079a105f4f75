namespace Resilience.Polly;

/// <summary>The layer of settings that the application's code sets: run, and checked like the configuration.</summary>
internal static class CodeLayer
{
    public static void Apply<TBlock>(
        Action<TBlock> code, TBlock options, SettingsBlock<TBlock> block, string path, string what, ICollection<SettingFault> faults)
    {
        try
        {
            code(options);
        }
#pragma warning disable CA1031 // whatever the application's code throws is one more fault of the settings
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Add(new(path, null, $"the code that configures this {what} failed: {exception.GetType().Name}: {exception.Message}"));
        }

        block.Check(options, path, faults);
    }
}
