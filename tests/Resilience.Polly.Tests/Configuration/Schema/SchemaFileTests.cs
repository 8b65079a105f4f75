namespace Resilience.Polly.Tests.Configuration;

/// <summary>The schema that the package ships is the one that the settings give.</summary>
public class SchemaFileTests
{
    [Fact]
    public void Schema_of_the_package_is_that_of_the_settings()
    {
        var schema = SettingsSchema.Write();
        if (Environment.GetEnvironmentVariable("WRITE_SCHEMA") == "1")
        {
            File.WriteAllText(SchemaFile.Path, schema);
        }

        Assert.True(File.Exists(SchemaFile.Path) && File.ReadAllText(SchemaFile.Path) == schema, "The settings have changed. Run this test with WRITE_SCHEMA=1 to write the schema again.");
    }
}
