package import CondaTypes
import HTTPTypes

/// `/openapi.json`: OpenAPI 3.1, made from the declarations; equal declarations are equal bytes.
package enum OpenAPIDocument {
  package static func make(_ routes: [RouteDeclaration]) -> JSONValue {
    var paths: [String: [String: JSONValue]] = [:]
    for route in routes {
      paths[route.template, default: [:]][route.method.rawValue.lowercased()] = operation(route)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Quetz", "version": "1",
        "description":
          "A server for conda packages. Errors are `{\"detail\": …}`; the code is in `X-Error-Code`.",
      ],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": ["schemas": OpenAPISchemas.all, "securitySchemes": securitySchemes],
    ]
  }

  private static let securitySchemes: JSONValue = [
    "key": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
    "bearer": ["type": "http", "scheme": "bearer"],
    "basic": ["type": "http", "scheme": "basic"],
    "session": ["type": "apiKey", "in": "cookie", "name": "session"],
  ]

  private static func operation(_ route: RouteDeclaration) -> JSONValue {
    var operation: [String: JSONValue] = [
      "operationId": .string(route.id), "tags": [.string(route.tag)], "summary": .string(route.summary),
      "description": .string(who(route)), "responses": responses(route), "security": security(route),
    ]
    let parameters = route.pathParameters.map(pathParameter) + route.query.map(queryParameter)
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    if let body = route.body { operation["requestBody"] = requestBody(body) }
    if case .action(let action) = route.access { operation["x-permission"] = .string(action.rawValue) }
    return .object(operation)
  }

  private static func who(_ route: RouteDeclaration) -> String {
    switch route.access {
    case .action(let action): PermissionTable.sentence(for: action)
    case .varies(_, let sentence): sentence
    }
  }

  /// Open routes ask for nothing, though a key shows more; `{}` beside the schemes says "optional".
  private static func security(_ route: RouteDeclaration) -> JSONValue {
    if route.isOpen && route.tag != "channels" && route.tag != "packages" { return [] }
    if case .action(.readProfile) = route.access { return [["session": []]] }
    let schemes: [JSONValue] = [["key": []], ["bearer": []], ["basic": []], ["session": []]]
    return .array(route.needsLogin ? schemes : [[:]] + schemes)
  }

  private static func pathParameter(_ name: String) -> JSONValue {
    let schema: JSONValue =
      switch name {
      case "job": ["type": "integer", "format": "int64", "minimum": 0, "maximum": .integer(.max)]
      case "mirror": SchemaText.uuid
      default: ["type": "string", "minLength": 1]
      }
    return ["name": .string(name), "in": "path", "required": true, "schema": schema]
  }

  private static func queryParameter(_ parameter: RouteDeclaration.Parameter) -> JSONValue {
    [
      "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
      "schema": parameter.schema, "description": .string(parameter.summary),
    ]
  }

  private static func requestBody(_ body: RouteDeclaration.Body) -> JSONValue {
    switch body {
    case .json(let name):
      [
        "required": true,
        "content": ["application/json": ["schema": SchemaText.reference(name)]],
      ]
    case .bytes: ["required": true, "content": ["application/octet-stream": ["schema": [:]]]]
    case .form:
      [
        "required": true,
        "content": [
          "multipart/form-data": [
            "schema": [
              "type": "object", "required": ["files"],
              "properties": [
                "files": ["type": "array", "items": ["type": "string", "format": "binary"]],
                "force": RouteDeclarations.queryFlag,
              ],
            ]
          ]
        ],
      ]
    }
  }

  private static func responses(_ route: RouteDeclaration) -> JSONValue {
    var responses: [String: JSONValue] = [
      String(route.success.status): success(route.success.content, isHead: route.method == .head)
    ]
    for status in route.errorStatuses {
      var response: [String: JSONValue] = ["description": .string(reason(status))]
      if route.method != .head, status != 304, status != 206 {
        response["content"] = ["application/json": ["schema": SchemaText.reference("Error")]]
      }
      if status == 206 { response = ["description": "A part of the file."] }
      responses[String(status)] = .object(response)
    }
    return .object(responses)
  }

  private static func success(_ content: RouteDeclaration.Content, isHead: Bool) -> JSONValue {
    switch content {
    case .json(let schema) where !isHead:
      ["description": "Success", "content": ["application/json": ["schema": schema]]]
    case .text(let type) where !isHead:
      ["description": "Success", "content": .object([type: ["schema": SchemaText.string]])]
    default: ["description": "Success"]
    }
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 304: "Not modified"
    case 400: "The body cannot be read, or the package is not sound"
    case 401: "No credential, or one that is unknown, expired or deleted"
    case 403: "Not allowed"
    case 404: "There is no such thing"
    case 405: "Not for mirrors and proxies"
    case 406: "The checksum is another one"
    case 409: "It exists already"
    case 412: "A precondition does not hold"
    case 413: "Too large"
    case 416: "The range begins past the end"
    case 422: "Parameters or body are not valid"
    case 429: "Too many failed logins from this address, or too many jobs that wait"
    case 502: "The bytes are missing from the store"
    case 503: "Busy; try again"
    case 507: "The disk is full"
    default: "Error"
    }
  }
}
