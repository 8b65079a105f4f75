namespace Resilience.Polly.Http.Requests;

/// <summary>A message that carries the setup of its call itself: a dictionary for one entry is more than the rest of it.</summary>
internal interface ICarriesSetup
{
    CallSetup? Setup { get; }
}
