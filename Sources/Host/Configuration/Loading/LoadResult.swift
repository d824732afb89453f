/// What came of loading a configuration.
package struct LoadResult: Sendable {
    /// The configuration; `nil` as soon as there is one error.
    package let configuration: GatewayConfiguration?
    /// Errors and warnings by file and line.
    package let diagnostics: [Diagnostic]

    package init(configuration: GatewayConfiguration?, diagnostics: [Diagnostic]) {
        self.configuration = configuration
        self.diagnostics = diagnostics
    }

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
}
