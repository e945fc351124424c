import CondaTypes
import HTTPTypes
import Hummingbird

/// `/health/live` and `/health/ready`, without a look at the database, as upstream.
struct HealthController: Sendable {
  func addRoutes(to router: Router<AppContext>) {
    for path in ["health/live", "health/ready"] {
      router.get(RouterPath(path)) { _, _ in
        Response.json(JSONValue.object(["component": "http-server", "status": "ok"]))
      }
    }
  }
}
