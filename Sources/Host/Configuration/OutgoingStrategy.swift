/// How one backend is authenticated to: what the auth plugin of this type gets.
package struct OutgoingStrategy: Sendable, Equatable {
    /// Such as `token_exchange`; a plugin may serve types of its own.
    package var type: String
    /// The settings as JSON, in the form that MCPExternalAuthConfig has them: secrets are references, wherever they were
    /// written.
    package var specJSON: [UInt8]
    /// What the references lead to: `{"secrets": {"NAME/KEY": "HANDLE"}}`.
    package var resolvedJSON: [UInt8]
    /// The absolute folder of the file that defines it.
    package var baseDirectory: String
    /// Where it is written, as `file:line`.
    package var place: String

    package init(
        type: String, specJSON: [UInt8] = Array("{}".utf8), resolvedJSON: [UInt8] = Array("{}".utf8),
        baseDirectory: String = "", place: String = ""
    ) {
        self.type = type
        self.specJSON = specJSON
        self.resolvedJSON = resolvedJSON
        self.baseDirectory = baseDirectory
        self.place = place
    }

    /// Nothing is sent, and no plugin is asked.
    package static let unauthenticated = OutgoingStrategy(type: "unauthenticated")

    /// Whether it sends something.
    package var sendsCredentials: Bool { type != Self.unauthenticated.type }
}
