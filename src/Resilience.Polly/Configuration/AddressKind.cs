namespace Resilience.Polly;

/// <summary>An absolute http or https address, or none.</summary>
internal sealed class AddressKind : ValueKind<Uri?>
{
    public override string Range => "an absolute http or https address without credentials";

    public override bool AllowsNone => true;

    public override string? Parse(string text, out Uri? value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && Contains(value) ? null : $"allowed is {Range}";

    public override bool Contains(Uri? value) =>
        value is null || (value.IsAbsoluteUri && value.Scheme is "http" or "https" && value.UserInfo.Length == 0);

    public override string Print(Uri? value) => value is null ? "none" : SettingFault.WithoutCredentials(value.OriginalString);
}
