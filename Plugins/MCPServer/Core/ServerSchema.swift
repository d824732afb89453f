/// The JSON Schema of `spec`: what this plugin reads. Other fields of the kind belong to the host, which checks them.
enum ServerSchema {
    static let text = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["image"],
          "properties": {
            "image": {
              "type": "string",
              "minLength": 1,
              "description": "uvx://PACKAGE[@VERSION], npx://PACKAGE[@VERSION] or exec:PATH."
            },
            "transport": {
              "enum": ["stdio", "sse", "streamable-http"],
              "description": "How the server itself speaks; stdio when absent."
            },
            "args": { "type": "array", "items": { "type": "string" } },
            "env": {
              "type": "array",
              "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": { "name": { "type": "string", "minLength": 1 }, "value": { "type": "string" } }
              }
            },
            "secrets": {
              "type": "array",
              "items": {
                "type": "object",
                "required": ["name", "key"],
                "properties": {
                  "name": { "type": "string" },
                  "key": { "type": "string" },
                  "targetEnvName": { "type": "string" }
                }
              }
            },
            "mcpPort": { "type": "integer", "minimum": 1, "maximum": 65535 }
          }
        }
        """
}
