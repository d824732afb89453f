/// A composite tool: a workflow over the tools of backends that clients call as one tool.
package struct WorkflowDefinition: Sendable {
    /// On whose rights the steps run.
    package enum StepAuthorization: String, Sendable, CaseIterable {
        /// The caller needs the right to each step's tool.
        case caller
        /// The right to the composite tool is enough.
        case composite
    }

    /// Why steps make no workflow; the configuration has reported it with its place before.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
        package init(_ description: String) { self.description = description }
    }

    package let name: String
    package let description: String
    /// Of the call's arguments: an object.
    package let parameters: JSONSchema
    /// Milliseconds for the whole. Default 30 minutes.
    package let timeout: UInt64
    package let steps: [WorkflowStep]
    /// Which steps, by index, come before each: what it names in `dependsOn`, and what its templates read.
    package let dependencies: [[Int]]
    package let output: WorkflowOutput?
    package let annotations: AggregationSettings.Annotations
    /// Default ``StepAuthorization/caller``.
    package let stepAuthorization: StepAuthorization
    /// Where it was written, as `file:line`, for messages; empty when it was not.
    package let place: String

    /// - Throws: ``Malformed`` for an unknown or repeated step, or a cycle.
    package init(
        name: String, description: String, parameters: JSONSchema = .object, timeout: UInt64 = 1_800_000,
        steps: [WorkflowStep], output: WorkflowOutput? = nil,
        annotations: AggregationSettings.Annotations = AggregationSettings.Annotations(),
        stepAuthorization: StepAuthorization = .caller, place: String = ""
    ) throws(Malformed) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.timeout = timeout
        self.steps = steps
        self.output = output
        self.annotations = annotations
        self.stepAuthorization = stepAuthorization
        self.place = place
        dependencies = try Self.dependencies(of: steps)
    }

    /// Steps that no other step waits for, by index.
    var sinks: [Int] {
        let awaited = Set(dependencies.flatMap { $0 })
        return steps.indices.filter { !awaited.contains($0) }
    }

    private static func dependencies(of steps: [WorkflowStep]) throws(Malformed) -> [[Int]] {
        var indices: [String: Int] = [:]
        for (index, step) in steps.enumerated() where indices.updateValue(index, forKey: step.id) != nil {
            throw Malformed("expected each step id once, found `\(step.id)` again")
        }
        var dependencies: [[Int]] = []
        for (own, step) in steps.enumerated() {
            var found = Set<Int>()
            for id in step.dependsOn + step.templates.flatMap({ $0.stepReferences.map(\.step) }) {
                guard let index = indices[id] else {
                    throw Malformed("expected the id of a step, found `\(id)` in the step `\(step.id)`")
                }
                found.insert(index)
            }
            if found.contains(own) { throw Malformed("the step `\(step.id)` waits for itself") }
            dependencies.append(found.sorted())
        }
        // Whatever remains after taking away steps that nothing holds back is a cycle (Kahn 1962).
        var open = Set(steps.indices)
        while let free = open.first(where: { dependencies[$0].allSatisfy { !open.contains($0) } }) { open.remove(free) }
        if let index = open.min() {
            throw Malformed("expected steps without a cycle, found one that involves `\(steps[index].id)`")
        }
        return dependencies
    }
}
