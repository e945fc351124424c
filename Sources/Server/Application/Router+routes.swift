import Hummingbird

/// Every route on one page, grouped by who calls it.
func makeRouter(_ services: Services) -> Router<AppContext> {
  let router = Router(context: AppContext.self)

  // conda, mamba, rattler, pixi
  DownloadController(services: services).addRoutes(to: router)

  // The API: quetz-client, rattler-build, scripts
  UploadController(services: services).addRoutes(to: router)
  SearchController(services: services).addRoutes(to: router)
  ChannelController(services: services).addRoutes(to: router)
  ChannelMemberController(services: services).addRoutes(to: router)
  MirrorController(services: services).addRoutes(to: router)
  PackageController(services: services).addRoutes(to: router)
  PackageMemberController(services: services).addRoutes(to: router)
  VersionController(services: services).addRoutes(to: router)
  CopyController(services: services).addRoutes(to: router)
  YankController(services: services).addRoutes(to: router)
  PatchController(services: services).addRoutes(to: router)
  NewsController(services: services).addRoutes(to: router)
  UserController(services: services).addRoutes(to: router)
  JobController(services: services).addRoutes(to: router)
  APIKeyController(services: services).addRoutes(to: router)
  SessionController(services: services).addRoutes(to: router)
  AuditController(services: services).addRoutes(to: router)

  // Operations
  HealthController().addRoutes(to: router)
  SeriesController(services: services).addRoutes(to: router)
  PrometheusController(services: services).addRoutes(to: router)
  DocumentationController(isDevelopment: services.isDevelopment).addRoutes(to: router)
  return router
}
