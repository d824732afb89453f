import Gateway

/// What the templates of a composite tool read of its steps.
struct CompositeReferences {
    private struct Use {
        let reference: TemplateStepReference
        /// The step that reads; `nil` for the output.
        let reader: String?
        let place: Located
    }

    private let steps: [Located]
    private let uses: [Use]

    init(_ steps: [Located], output: Located?) {
        self.steps = steps
        var uses: [Use] = []
        for step in steps {
            let places = ["condition", "message", "collection", "arguments"].compactMap { step[$0] }
            for place in places + [step.at("step", "arguments")].compactMap({ $0 }) {
                uses += Self.uses(in: place, by: step["id"]?.text ?? "")
            }
        }
        self.uses = uses + (output?["properties"].map(Self.outputUses) ?? [])
    }

    /// The steps that a step reads.
    func read(by id: String) -> [String] { uses.filter { $0.reader == id }.map(\.reference.step) }

    /// A step that no step has the id of cannot be read.
    func checkUnknown(validation: Validation) {
        let known = steps.compactMap { $0["id"]?.text }
        var reported = Set<String>()
        for use in uses where !known.contains(use.reference.step) {
            let name = use.reference.step
            guard reported.insert("\(use.place.path) \(name)").inserted else { continue }
            validation.log.error(
                at: use.place,
                "expected the id of a step after `.steps`, found `\(name)`"
                    + Suggestion.sentence(for: name, among: known))
        }
    }

    /// A step that may be skipped needs substitutes for what others read of it.
    func checkDefaultResults(validation: Validation) {
        var skippable: [String: Located] = [:]
        for step in steps where step["condition"] != nil || step.at("onError", "action")?.text == "continue" {
            if let id = step["id"]?.text { skippable[id] = step }
        }
        var reported = Set<String>()
        for use in uses where use.reader != use.reference.step {
            let id = use.reference.step
            guard let field = use.reference.field, let step = skippable[id], step["defaultResults"]?[field] == nil,
                reported.insert("\(id).\(field)").inserted
            else { continue }
            let reader = use.reader.map { "step `\($0)`" } ?? "the output"
            validation.log.error(
                at: step["defaultResults"] ?? step, field: step["defaultResults"] == nil ? "defaultResults" : field,
                "expected a default for the field `\(field)`, found none; the step `\(id)` may be skipped and \(reader) reads it"
            )
        }
    }

    private static func uses(in value: Located, by reader: String?) -> [Use] {
        var found: [Use] = []
        if let text = value.text {
            // A template that cannot be read was reported; it reads nothing.
            do throws(TemplateError) {
                found = try Template(text).stepReferences.map { Use(reference: $0, reader: reader, place: value) }
            } catch {}
        }
        for (_, child) in value.entries { found += uses(in: child, by: reader) }
        for item in value.items { found += uses(in: item, by: reader) }
        return found
    }

    /// Only `value` is a template in an output.
    private static func outputUses(of properties: Located) -> [Use] {
        properties.entries.flatMap { _, property in
            (property["value"].map { uses(in: $0, by: nil) } ?? []) + (property["properties"].map(outputUses) ?? [])
        }
    }
}
