import PluginKit

/// JSON Schemas of what a function takes and gives.
enum ToolSchema {
    static func input(_ function: FunctionDescription) -> JSONValue {
        object(
            function.exposed.map { argument in
                (argument.name, schema(argument), !argument.type.isNullable)
            })
    }

    /// `nil` for a function that gives nothing.
    static func output(_ function: FunctionDescription, callbacks: [String: CallbackDescription]) -> JSONValue? {
        var members: [(String, JSONValue, Bool)] = []
        if let type = function.result.type, !function.result.isHidden, type.base != .pointer {
            let isNumber = type.count == nil && (type.scalar != nil || type.isByValue)
            let schema = described(result(type), function.result.description)
            members.append((function.result.name, isNumber ? schema : orNull(schema), true))
        }
        for argument in function.arguments {
            if case .callback(let name) = argument.type.base, argument.binding == nil, argument.scope == .call {
                let items = object(
                    (callbacks[name]?.arguments ?? []).filter { $0.type.base != .pointer && !$0.isHidden }
                        .map { ($0.name, orNull(result($0.type)), true) })
                members.append(
                    (argument.name, described(["type": "array", "items": items], argument.description), true))
                members.append(("\(argument.name)_cut", ["type": "boolean"], false))
            } else if argument.type.direction != .input, !argument.isHidden, argument.type.base != .pointer {
                members.append((argument.name, described(orNull(result(argument.type)), argument.description), true))
            }
        }
        return members.isEmpty ? nil : object(members)
    }

    private static func object(_ members: [(name: String, schema: JSONValue, isRequired: Bool)]) -> JSONValue {
        .object([
            .init("type", "object"),
            .init("properties", .object(members.map { .init($0.name, $0.schema) })),
            .init("required", .array(members.filter(\.isRequired).map { .string($0.name) })),
            .init("additionalProperties", false),
        ])
    }

    private static func described(_ schema: JSONValue, _ text: String) -> JSONValue {
        guard !text.isEmpty, let members = schema.members else { return schema }
        return .object(members + [.init("description", .string(text))])
    }

    private static func orNull(_ schema: JSONValue) -> JSONValue {
        guard let members = schema.members, let type = schema["type"], type.array == nil else { return schema }
        return .object(members.map { $0.name == "type" ? .init("type", .array([type, "null"])) : $0 })
    }

    // MARK: Arguments

    private static func schema(_ argument: ArgumentDescription) -> JSONValue {
        let type = argument.type
        var schema: JSONValue
        if type.isArray {
            var members: [JSONValue.Member] = [.init("type", "array"), .init("items", element(type.base, argument))]
            if case .constant(let count)? = type.count?.folded {
                members += [.init("minItems", .number(String(count))), .init("maxItems", .number(String(count)))]
            }
            schema = .object(members)
        } else {
            schema = element(type.base, argument)
        }
        if type.isNullable { schema = orNull(schema) }
        return described(schema, argument.description)
    }

    private static func element(_ base: DescribedType.Base, _ argument: ArgumentDescription) -> JSONValue {
        switch base {
        case .scalar(let scalar): return number(scalar, argument.minimum, argument.maximum)
        case .enumeration(let enumeration):
            return ["type": "string", "enum": .array(enumeration.cases.map { .string($0.name) })]
        case .text: return ["type": "string"]
        case .bytes: return bytes(argument.encoding)
        case .structure(let structure):
            return object(
                structure.fields.map { field in
                    let schema: JSONValue =
                        switch field.kind {
                        case .scalar(let scalar): number(scalar, nil, nil)
                        case .enumeration(let enumeration): element(.enumeration(enumeration), argument)
                        case .text: ["type": ["string", "null"]]
                        case .array(let scalar, let count):
                            [
                                "type": "array", "items": number(scalar, nil, nil), "minItems": .number(String(count)),
                                "maxItems": .number(String(count)),
                            ]
                        }
                    return (field.name, described(schema, field.description), true)
                })
        case .pointer, .callback: return .object([])
        }
    }

    private static func bytes(_ encoding: ArgumentDescription.Encoding) -> JSONValue {
        switch encoding {
        case .utf8, .text: ["type": "string"]
        case .base64: ["type": "string", "contentEncoding": "base64"]
        case .hex: ["type": "string", "pattern": "^([0-9a-fA-F]{2})*$"]
        }
    }

    private static func number(_ scalar: ScalarType, _ minimum: Double?, _ maximum: Double?) -> JSONValue {
        if scalar == .bool { return ["type": "boolean"] }
        var members: [JSONValue.Member] = [.init("type", scalar.isInteger ? "integer" : "number")]
        // The ends of 64 bits are no numbers that JSON readers keep; the library's own check refuses what is beyond.
        let range = scalar.size < 8 ? scalar.range : nil
        let isUnsigned = scalar.range?.lowerBound == 0
        if let low = [minimum, range?.lowerBound, isUnsigned ? 0 : nil].compactMap({ $0 }).max() {
            members.append(.init("minimum", text(low)))
        }
        if let high = [maximum, range?.upperBound].compactMap({ $0 }).min() {
            members.append(.init("maximum", text(high)))
        }
        return .object(members)
    }

    private static func text(_ number: Double) -> JSONValue {
        .number(Int64(exactly: number).map(String.init) ?? "\(number)")
    }

    // MARK: Results

    private static func result(_ type: DescribedType) -> JSONValue {
        if type.isArray { return ["type": "array", "items": item(type.base)] }
        return item(type.base)
    }

    private static func item(_ base: DescribedType.Base) -> JSONValue {
        switch base {
        case .scalar(.bool): return ["type": "boolean"]
        case .scalar(let scalar): return scalar.isInteger ? ["type": "integer"] : ["type": ["number", "null"]]
        // A value that has no name comes as its number.
        case .enumeration: return ["type": ["string", "integer"]]
        case .text: return ["type": ["string", "null"]]
        case .bytes: return ["type": "string"]
        case .structure(let structure):
            return object(
                structure.fields.map { field in
                    let schema: JSONValue =
                        switch field.kind {
                        case .scalar(let scalar): item(.scalar(scalar))
                        case .enumeration(let enumeration): item(.enumeration(enumeration))
                        case .text: item(.text)
                        case .array(let scalar, _): ["type": "array", "items": item(.scalar(scalar))]
                        }
                    return (field.name, described(schema, field.description), true)
                })
        case .pointer, .callback: return .object([])
        }
    }
}
