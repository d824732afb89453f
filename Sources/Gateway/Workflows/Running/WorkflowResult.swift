/// Makes the result of a workflow as its output declares it.
struct WorkflowResult {
    let data: TemplateValue

    /// - Returns: Raw JSON, an object.
    /// - Throws: ``StepFailure`` that names the property.
    func build(_ output: WorkflowOutput) throws(StepFailure) -> [UInt8] {
        var members: [(name: String, json: [UInt8]?)] = []
        for (name, property) in output.properties { members.append((name, try value(of: property, at: name))) }
        for name in output.required {
            guard let json = members.first(where: { $0.name == name })?.json, json != Array("null".utf8) else {
                throw StepFailure(message: "required output field \"\(name)\" is missing")
            }
        }
        return Self.object(members)
    }

    private static func object(_ members: [(name: String, json: [UInt8]?)]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for member in members {
            guard let json = member.json else { continue }
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONText.append(member.name, to: &out)
            out.append(UInt8(ascii: ":"))
            out += json
        }
        return out + [UInt8(ascii: "}")]
    }

    private func value(of property: WorkflowOutput.Property, at path: String) throws(StepFailure) -> [UInt8] {
        switch property.source {
        case .properties(let inner):
            var members: [(name: String, json: [UInt8]?)] = []
            for (name, property) in inner { members.append((name, try value(of: property, at: "\(path).\(name)"))) }
            return Self.object(members)
        case .value(let template):
            let problem: String
            do throws(TemplateError) {
                let value = try template.value(data)
                if let json = Self.fit(value, property.kind) { return json }
                problem = "expected \(property.kind.rawValue), found \(value.kind)"
            } catch {
                problem = "template expansion failed: \(error)"
            }
            guard let standard = property.defaultValue else {
                throw StepFailure(message: "output construction failed: \(path): \(problem)")
            }
            return Self.fit(TemplateValue(standard), property.kind) ?? standard.array
        }
    }

    /// The value as JSON of a type; `nil` when it cannot be read as that.
    private static func fit(_ value: TemplateValue, _ kind: WorkflowOutput.Kind) -> [UInt8]? {
        switch (kind, value) {
        case (.string, .null), (.string, .missing): nil
        case (.string, .list), (.string, .map), (.string, .json):
            JSONText.quote(String(decoding: value.json, as: UTF8.self))
        case (.string, _): JSONText.quote(GoText.print(value))
        case (.integer, .number(let number)):
            number.integer.map { Array(String($0).utf8) }
                ?? (number.double.rounded() == number.double ? value.json : nil)
        case (.integer, .string(let text)): Int64(text).map { Array(String($0).utf8) }
        case (.number, .number): value.json
        case (.number, .string(let text)): SchemaShape.number(text)
        case (.boolean, .bool): value.json
        case (.boolean, .string(let text)): SchemaShape.boolean(text).map { Array("\($0)".utf8) }
        case (.boolean, .number(let number)):
            number.integer == 1 ? Array("true".utf8) : number.integer == 0 ? Array("false".utf8) : nil
        case (.object, .string(let text)): SchemaShape.json(text, .object)
        case (.array, .string(let text)): SchemaShape.json(text, .array)
        case (.object, _): value.isObject ? value.json : nil
        case (.array, _): value.elements != nil ? value.json : nil
        default: nil
        }
    }
}
