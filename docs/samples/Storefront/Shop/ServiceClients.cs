using Polly.Registry;

namespace Storefront;

/// <summary>A client for each service, each with the pipeline of its name in appsettings.json.</summary>
internal sealed class ServiceClients(ResiliencePipelineProvider<string> pipelineProvider, ServiceFleet fleet) : IDisposable
{
    public ServiceClient Users { get; } = new(pipelineProvider.GetPipeline("users"), fleet.Users.Address);

    public ServiceClient Inventory { get; } = new(pipelineProvider.GetPipeline("inventory"), fleet.Inventory.Address);

    public ServiceClient Shipping { get; } = new(pipelineProvider.GetPipeline("shipping"), fleet.Shipping.Address);

    public ServiceClient Payments { get; } = new(pipelineProvider.GetPipeline("payments"), fleet.Payments.Address);

    public ServiceClient Orders { get; } = new(pipelineProvider.GetPipeline("orders"), fleet.Orders.Address);

    public ServiceClient Recommendations { get; } = new(pipelineProvider.GetPipeline("recommendations"), fleet.Recommendations.Address);

    public ServiceClient Ads { get; } = new(pipelineProvider.GetPipeline("ads"), fleet.Ads.Address);

    // Compensations go to the same services through pipelines of their own: they are patient where a shopper is not,
    // and an open circuit for charges must not stop a refund.
    public ServiceClient Refunds { get; } = new(pipelineProvider.GetPipeline("refunds"), fleet.Payments.Address);

    public ServiceClient Cancellations { get; } = new(pipelineProvider.GetPipeline("cancellations"), fleet.Orders.Address);

    public void Dispose()
    {
        foreach (var client in new[] { Users, Inventory, Shipping, Payments, Orders, Recommendations, Ads, Refunds, Cancellations })
        {
            client.Dispose();
        }
    }
}
