/// The types that a tool's input schema asks for, as far as a step's arguments can be fitted to them: the keywords `type`,
/// `properties` and `items`.
package indirect enum SchemaShape: Sendable {
    case any
    case text, integer, number, boolean
    case object([String: SchemaShape])
    case array(SchemaShape)

    /// Deepest level looked at.
    private static let maximumDepth = 100

    package init(_ schema: JSONSlice?, depth: Int = 0) {
        guard let schema, schema.kind == .object, depth < Self.maximumDepth else {
            self = .any
            return
        }
        // With a choice of types a text stays one.
        switch schema["type"]?.string {
        case "string": self = .text
        case "integer": self = .integer
        case "number": self = .number
        case "boolean": self = .boolean
        case "array": self = .array(SchemaShape(schema["items"], depth: depth + 1))
        case "object":
            let members = (schema["properties"]?.members ?? []).map {
                ($0.key, SchemaShape($0.value, depth: depth + 1))
            }
            self = .object(Dictionary(members) { $1 })
        default: self = .any
        }
    }

    func member(_ name: String) -> SchemaShape {
        if case .object(let members) = self { members[name] ?? .any } else { .any }
    }

    var element: SchemaShape { if case .array(let element) = self { element } else { .any } }

    /// Appends a value as JSON: text that spells what is asked for becomes it, and what is no text becomes one where one is
    /// asked for. What does not fit stays as it is, for the backend to judge.
    func append(_ value: TemplateValue, to out: inout [UInt8]) {
        switch (self, value) {
        case (.integer, .string(let text)): out += Int64(text).map { Array(String($0).utf8) } ?? value.json
        case (.number, .string(let text)): out += Self.number(text) ?? value.json
        case (.boolean, .string(let text)): out += Self.boolean(text).map { Array("\($0)".utf8) } ?? value.json
        case (.object, .string(let text)): out += Self.json(text, .object) ?? value.json
        case (.array, .string(let text)): out += Self.json(text, .array) ?? value.json
        case (.text, .number), (.text, .bool): JSONText.append(GoText.print(value), to: &out)
        case (.text, .list), (.text, .map), (.text, .json):
            JSONText.append(String(decoding: value.json, as: UTF8.self), to: &out)
        default: value.appendJSON(.asItCame, to: &out)
        }
    }

    /// Appends JSON likewise, at every depth.
    func appendFitted(_ json: JSONSlice, to out: inout [UInt8]) {
        switch (self, json.kind) {
        case (.object, .object):
            out.append(UInt8(ascii: "{"))
            for (index, member) in json.members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONText.append(member.key, to: &out)
                out.append(UInt8(ascii: ":"))
                self.member(member.key).appendFitted(member.value, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case (.array, .array):
            out.append(UInt8(ascii: "["))
            for (index, value) in json.elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                element.appendFitted(value, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        default: append(TemplateValue(json), to: &out)
        }
    }

    /// As `strconv.ParseBool` of Go.
    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }

    /// A decimal number that JSON can write, digit for digit where it can.
    static func number(_ text: String) -> [UInt8]? {
        if let slice = json(text, .number) { return slice }
        guard let value = Double(text), value.isFinite else { return nil }
        return Array(TemplateNumber(value).text.utf8)
    }

    static func json(_ text: String, _ kind: JSONSlice.Kind) -> [UInt8]? {
        do throws(JSONScanError) {
            let slice = try JSONSlice(validating: Array(text.utf8))
            return slice.kind == kind ? slice.array : nil
        } catch {
            return nil
        }
    }
}
