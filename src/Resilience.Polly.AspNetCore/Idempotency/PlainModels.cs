using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;

namespace Resilience.Polly.AspNetCore.Idempotency;

/// <summary>Types in the description of an API, for applications without MVC. The provider of MVC reads properties by reflection, which native code cannot.</summary>
internal sealed class PlainModels : IModelMetadataProvider, ICompositeMetadataDetailsProvider
{
    public ModelMetadata GetMetadataForType(Type modelType) =>
        new DefaultModelMetadata(this, this, new(ModelMetadataIdentity.ForType(modelType), ModelAttributes.GetAttributesForType(modelType)));

    public IEnumerable<ModelMetadata> GetMetadataForProperties(Type modelType) => [];

    public void CreateBindingMetadata(BindingMetadataProviderContext context)
    {
    }

    public void CreateDisplayMetadata(DisplayMetadataProviderContext context)
    {
    }

    public void CreateValidationMetadata(ValidationMetadataProviderContext context)
    {
    }
}
