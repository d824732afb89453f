package import Gateway

/// One backend: a resource that a plugin serves.
package struct BackendConfiguration: Sendable {
    /// The backend's id: prefix, route and name in messages.
    package var name: String
    /// The resource's kind, by which the plugin is chosen. Entries of a document's `backends` are `MCPServerEntry`.
    package var kind: String
    package var apiVersion: String
    package var namespace: String
    /// The absolute folder of the file that defines the resource; relative paths in `spec` start there.
    package var baseDirectory: String
    /// Where the resource is defined, as `file:line`.
    package var place: String
    /// `spec` as written: JSON in UTF-8 with the keys in order, numbers digit for digit, and no defaults.
    package var specJSON: [UInt8]
    /// What references of `spec` lead to: `{"secrets": {"NAME/KEY": "HANDLE"}, "configMaps": {"NAME/KEY": "TEXT"}}`.
    package var resolvedJSON: [UInt8]
    /// How clients share sessions with it (`spec.sessionIsolation`).
    package var isolation: BackendDescriptor.Isolation
    /// The longest wait for an answer.
    package var timeout: Duration
    /// `stdio`, `sse` or `streamable-http`, for people; `plugin` for kinds that only a plugin knows.
    package var transportName: String
    /// Which addresses the connection may lead to, checked on the resolved address too; `nil` for backends without
    /// `remoteUrl`.
    package var reach: RemoteURL.Reach?
}
