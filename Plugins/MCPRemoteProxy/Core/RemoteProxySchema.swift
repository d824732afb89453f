/// The JSON Schema of `spec`: what this plugin reads. Other fields of the two kinds belong to the host, which checks them.
enum RemoteProxySchema {
    static let text = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["remoteUrl"],
          "properties": {
            "remoteUrl": {
              "type": "string",
              "pattern": "^https?://",
              "description": "URL of the MCP endpoint; with transport sse, of the stream."
            },
            "transport": {
              "enum": ["streamable-http", "sse"],
              "description": "How the server speaks; streamable-http when absent."
            },
            "headerForward": {
              "type": "object",
              "description": "Static headers of every request.",
              "properties": {
                "addPlaintextHeaders": { "type": "object", "additionalProperties": { "type": "string" } },
                "addHeadersFromSecret": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["headerName", "valueSecretRef"],
                    "properties": {
                      "headerName": { "type": "string", "minLength": 1, "maxLength": 255 },
                      "valueSecretRef": {
                        "type": "object",
                        "required": ["name", "key"],
                        "properties": { "name": { "type": "string" }, "key": { "type": "string" } }
                      }
                    }
                  }
                }
              }
            },
            "caBundleRef": {
              "type": "object",
              "description": "PEM certificates trusted in addition to the system's.",
              "properties": {
                "configMapRef": {
                  "type": "object",
                  "properties": { "name": { "type": "string" }, "key": { "type": "string" } }
                }
              }
            }
          }
        }
        """
}
