using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable CA1822 // an action is no action when it is static

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>An API of MVC whose dependency is down.</summary>
[ApiController]
[Route("api")]
public sealed class FailingApiController : ControllerBase
{
    [HttpGet]
    public IActionResult Get() => throw FailureCase.Of("open circuit").Failure;

    public static void Add(IServiceCollection services) => services.AddControllers().AddXmlSerializerFormatters();
}

/// <summary>A page of MVC whose dependency is down.</summary>
[Route("page")]
public sealed class FailingPageController : Controller
{
    [HttpGet]
    public IActionResult Get() => throw FailureCase.Of("open circuit").Failure;
}
