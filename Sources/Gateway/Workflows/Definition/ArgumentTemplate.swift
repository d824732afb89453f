/// The arguments of a step: JSON in which every text, at any depth, is a template.
package indirect enum ArgumentTemplate: Sendable {
    /// Raw JSON without a template in it.
    case constant([UInt8])
    case template(Template)
    case object([(key: String, value: ArgumentTemplate)])
    case array([ArgumentTemplate])

    /// Deepest nesting.
    package static let maximumDepth = 100

    /// - Throws: ``TemplateError`` of the first template that cannot be read.
    package init(_ json: JSONSlice) throws(TemplateError) {
        switch json.kind {
        case .string:
            let template = try Template(json.string ?? "")
            self = template.isPlain ? .constant(json.array) : .template(template)
        case .object:
            var members: [(key: String, value: ArgumentTemplate)] = []
            for (key, value) in json.members { members.append((key, try ArgumentTemplate(value))) }
            self = members.allSatisfy(\.value.isConstant) ? .constant(json.array) : .object(members)
        case .array:
            var elements: [ArgumentTemplate] = []
            for element in json.elements { elements.append(try ArgumentTemplate(element)) }
            self = elements.allSatisfy(\.isConstant) ? .constant(json.array) : .array(elements)
        case .number, .bool, .null: self = .constant(json.array)
        }
    }

    private var isConstant: Bool { if case .constant = self { true } else { false } }

    var templates: [Template] {
        switch self {
        case .constant: []
        case .template(let template): [template]
        case .object(let members): members.flatMap(\.value.templates)
        case .array(let elements): elements.flatMap(\.templates)
        }
    }

    /// The arguments as JSON, with texts made what the tool's schema asks for.
    /// - Throws: ``TemplateError`` of the template that cannot be expanded.
    func expanded(_ data: TemplateValue, as shape: SchemaShape) throws(TemplateError) -> [UInt8] {
        var out: [UInt8] = []
        try append(data, as: shape, to: &out)
        return out
    }

    /// The same with what no template makes fitted to what the tool's schema asks for.
    func fitted(to shape: SchemaShape) -> ArgumentTemplate {
        switch self {
        case .constant(let json):
            var out: [UInt8] = []
            shape.appendFitted(JSONSlice(base: json, range: 0..<json.count), to: &out)
            return .constant(out)
        case .template: return self
        case .object(let members): return .object(members.map { ($0.key, $0.value.fitted(to: shape.member($0.key))) })
        case .array(let elements): return .array(elements.map { $0.fitted(to: shape.element) })
        }
    }

    private func append(_ data: TemplateValue, as shape: SchemaShape, to out: inout [UInt8]) throws(TemplateError) {
        switch self {
        case .constant(let json): out += json
        case .template(let template): shape.append(try template.value(data), to: &out)
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONText.append(member.key, to: &out)
                out.append(UInt8(ascii: ":"))
                try member.value.append(data, as: shape.member(member.key), to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                try element.append(data, as: shape.element, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
    }
}
