import Glibc
package import PluginKit

/// What `spec` of a local embedding provider says, checked.
package struct LocalSettings: Sendable {
    /// The environment variable that names the folder of the model.
    package static let variable = "VMCP_MODEL_DIR"

    /// The folder that holds model, vocabulary and runtime.
    package let folder: String
    /// How many texts are embedded at the same time.
    package let threads: Int

    /// - Parameters:
    ///   - environment: The value of ``variable``.
    ///   - executable: The folder of the program; its subfolder `model` is the default.
    /// - Throws: ``PluginError`` that names the field.
    package init(
        _ configuration: PluginConfiguration, environment: String? = getenv(variable).map { String(cString: $0) },
        executable: String = Self.executableFolder, processors: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    ) throws(PluginError) {
        if let named = try configuration.string("embeddingModel"), !named.isEmpty {
            folder = named.hasPrefix("/") ? named : "\(configuration.baseDirectory)/\(named)"
        } else if let environment, !environment.isEmpty {
            folder = environment
        } else {
            folder = "\(executable)/model"
        }
        // Half of the machine: the gateway serves calls while tools are embedded.
        threads = try configuration.integer("embeddingThreads", in: 1...64) ?? min(4, max(1, processors / 2))
    }

    /// The folder of the running program, "." when the system does not say.
    package static var executableFolder: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        guard length > 0 else { return "." }
        let text = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.lastIndex(of: "/").map { String(text[..<$0]) } ?? "."
    }

    /// JSON Schema of `spec`. The gateway's own fields are checked by the gateway.
    static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "embeddingModel": {
              "type": "string",
              "description": "Folder that `make model` filled. By default $VMCP_MODEL_DIR, or model/ beside the program."
            },
            "embeddingThreads": {
              "type": "integer",
              "minimum": 1,
              "maximum": 64,
              "description": "Texts embedded at the same time. By default half of the processors, at most 4."
            }
          }
        }
        """
}
