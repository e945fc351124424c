import CondaTypes
import HTTPTypes

extension RouteDeclarations {
  private static let jobFilter = [
    optional("status", SchemaText.list(OpenAPISchemas.jobStatus), "In these states; pending and running.")
  ]
  private static let window = [
    optional("period", SchemaText.words("H", "D", "M", "Y"), "The length of a bucket; D by default."),
    optional("metric_name", SchemaText.words("download"), "What is counted."),
    optional("start", SchemaText.moment, "From then on."),
    optional("end", SchemaText.moment, "Until then."),
  ]

  static let jobs = [
    RouteDeclaration(
      .get, "api/jobs", "listJobs", "jobs", "One's jobs; all of them for owners and maintainers.",
      .action(.listJobs), query: jobFilter + paging, 200, page("Job")),
    RouteDeclaration(
      .post, "api/jobs", "createJob", "jobs", "Start a job on packages.", .action(.createJob),
      body: .json("NewJob"), 201, one("Job")),
    RouteDeclaration(
      .get, "api/jobs/:job", "showJob", "jobs", "A job.", .action(.readJob), 200, one("Job"), also: [422]),
    RouteDeclaration(
      .patch, "api/jobs/:job", "changeJob", "jobs", "Stop or repeat a job.", .action(.changeJob),
      body: .json("JobChanges"), 200, nothing),
    RouteDeclaration(
      .get, "api/jobs/:job/tasks", "listTasks", "jobs", "The tasks of a job.", .action(.readJob),
      query: [
        optional("status", SchemaText.list(OpenAPISchemas.taskStatus), "In these states.")
      ] + paging, 200, page("Task")),
  ]

  static let operations: [RouteDeclaration] = [
    RouteDeclaration(
      .get, "metrics/channels/:channel", "channelSeries", "operations", "Downloads of a channel over time.",
      .action(.readChannel), query: [optional("platform", SchemaText.string, "One subdir.")] + window, 200,
      one("ChannelSeries")),
    RouteDeclaration(
      .get, "metrics/channels/:channel/packages/:package/versions/:platform/:filename", "versionSeries",
      "operations", "Downloads of an artifact over time.", .action(.readPackage),
      query: [optional("fill_zeros", queryFlag, "Whether empty buckets are listed.")] + window, 200,
      one("VersionSeries")),
    RouteDeclaration(
      .get, "metricsp", "prometheus", "operations", "Numbers for Prometheus.", .action(.readPrometheus), 200,
      .text("text/plain")),
    RouteDeclaration(
      .head, "metricsp", "headPrometheus", "operations", "The same without a body.", .action(.readPrometheus),
      200, .nothing),
    RouteDeclaration(
      .get, "health/live", "live", "operations", "Whether the process runs.", .action(.readHealth), 200,
      one("Health")),
    RouteDeclaration(
      .get, "health/ready", "ready", "operations", "Whether it takes requests.", .action(.readHealth), 200,
      one("Health")),
  ]

  static let documentation: [RouteDeclaration] =
    [
      ("openapi.json", "openAPI", "This document.", 200, RouteDeclaration.Content.json(["type": "object"])),
      ("docs", "docs", "The API as a page.", 200, .text("text/html")),
      ("docs/page.js", "docsScript", "The page's script.", 200, .text("text/javascript")),
      ("docs/page.css", "docsStyle", "The page's style.", 200, .text("text/css")),
      ("redoc", "redoc", "The page again.", 307, .nothing),
    ].flatMap { path, id, summary, status, content in
      [
        RouteDeclaration(
          .get, path, id, "documentation", summary, .action(.readDocumentation), status, content),
        RouteDeclaration(
          .head, path, "head\(id.prefix(1).uppercased())\(id.dropFirst())", "documentation",
          "The same without a body.", .action(.readDocumentation), status, .nothing),
      ]
    }
}
