using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Resilience.Polly.AspNetCore.Idempotency.Settings;

namespace Resilience.Polly.AspNetCore.Idempotency;

/// <summary>Describes the header of the key and the answers 400, 409 and 422, for OpenAPI and whatever else reads the descriptions of an API.</summary>
internal sealed class IdempotencyApiDescriptionProvider(IServiceProvider services, IOptions<IdempotentEndpointOptions> defaults) : IApiDescriptionProvider
{
    private static readonly int[] Problems = [StatusCodes.Status400BadRequest, StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity];

    // An application without MVC has none.
    private readonly IModelMetadataProvider _models = services.GetService<IModelMetadataProvider>() ?? new PlainModels();

    /// <summary>After those of ASP.NET Core, which find the operations.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var operation in context.Results)
        {
            var marks = operation.ActionDescriptor.EndpointMetadata.OfType<IIdempotencyMetadata>().ToArray();
            if (marks.Length > 0 && !IdempotentEndpoint.IsSafe(operation.HttpMethod ?? HttpMethods.Post))
            {
                Describe(operation, IdempotentEndpoint.OptionsOf(marks, defaults.Value, operation.RelativePath ?? ""));
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private void Describe(ApiDescription operation, IdempotentEndpointOptions options)
    {
        // A handler may take the header as a parameter.
        if (!operation.ParameterDescriptions.Any(parameter => string.Equals(parameter.Name, options.KeyHeader, StringComparison.OrdinalIgnoreCase)))
        {
            operation.ParameterDescriptions.Add(new()
            {
                Name = options.KeyHeader,
                Source = BindingSource.Header,
                Type = typeof(string),
                ModelMetadata = _models.GetMetadataForType(typeof(string)),
                IsRequired = options.RequireKey,
            });
        }

        foreach (var status in Problems.Where(status => operation.SupportedResponseTypes.All(response => response.StatusCode != status)))
        {
            operation.SupportedResponseTypes.Add(new()
            {
                StatusCode = status,
                Type = typeof(ProblemDetails),
                ModelMetadata = _models.GetMetadataForType(typeof(ProblemDetails)),
                ApiResponseFormats = { new() { MediaType = "application/problem+json" } },
            });
        }
    }
}
