namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>What a page must send along to move a circuit, and in which header.</summary>
internal sealed record ControlToken(string Header, string Token);
