/// A composite tool whose steps have found their tools in one catalogue.
package struct ResolvedWorkflow: Sendable {
    /// The tool of a step and what its schema asks for.
    struct Call: Sendable {
        let tool: Catalog.Tool
        /// The URIs of its backend that are rewritten, if there are any.
        let uris: BackendURIs?
        let shape: SchemaShape
        /// Those of the definition, fitted to the tool.
        let arguments: ArgumentTemplate
    }

    package let definition: WorkflowDefinition
    /// Towards clients: that of the definition, or a short form that clients accept.
    package let name: String
    /// By index of the step; elicitations have none.
    let calls: [Int: Call]

    /// - Parameter name: Towards clients.
    /// - Throws: ``Unresolved`` with the first tool that the catalogue does not have.
    package init(_ definition: WorkflowDefinition, as name: String, in catalog: Catalog) throws(Unresolved) {
        self.definition = definition
        self.name = name
        var calls: [Int: Call] = [:]
        for (index, step) in definition.steps.enumerated() {
            guard let call = step.call else { continue }
            guard let tool = catalog.workflowTool(named: call.tool) else {
                throw Unresolved(step: step.id, tool: call.tool)
            }
            let shape = SchemaShape(tool.json["inputSchema"])
            calls[index] = Call(
                tool: tool, uris: catalog.uris[tool.backend], shape: shape, arguments: call.arguments.fitted(to: shape))
        }
        self.calls = calls
    }

    /// A step that needs a tool that is not there.
    package struct Unresolved: Error, Equatable {
        package let step: String
        package let tool: String
    }
}
