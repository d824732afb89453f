/// A JSON Schema (2020-12) that values can be checked against: arguments of composite tools, answers of people.
///
/// Keywords of types, numbers, text, lists, objects, choice (`enum`, `const`, `allOf`, `anyOf`, `oneOf`, `not`, `if`) and `$ref`
/// within the schema are obeyed; all others are annotations.
package struct JSONSchema: Sendable {
    /// One thing that does not fit.
    package struct Violation: Sendable, Equatable, CustomStringConvertible {
        /// Such as `items[2].name`; empty for the value as a whole.
        package let path: String
        /// What was expected and what was found. Holds no value that came.
        package let message: String
        package var description: String { path.isEmpty ? message : "\(path): \(message)" }
    }

    /// Most violations that are told.
    static let maximumViolations = 8

    /// As it was written.
    package let json: JSONSlice
    /// Where `$ref` begins.
    private let root: JSONSlice

    /// Any object.
    package static let object: JSONSchema = {
        let text = Array("{\"type\":\"object\"}".utf8)
        return JSONSchema(JSONSlice(base: text, range: 0..<text.count))
    }()

    /// - Parameters:
    ///   - json: An object or a boolean; checked by the configuration.
    ///   - root: The schema that it is a part of. Default: itself.
    package init(_ json: JSONSlice, in root: JSONSlice? = nil) { (self.json, self.root) = (json, root ?? json) }

    /// What does not fit; none for a value that conforms.
    package func violations(of value: JSONSlice) -> [Violation] {
        var check = JSONSchemaCheck(root: root)
        check.check(value, json, at: "")
        return check.violations
    }

    /// An object with the defaults of `properties` where it has no member of the name.
    /// - Parameter object: `nil` counts as an empty one.
    package func fillingDefaults(of object: JSONSlice?) -> [UInt8] {
        var out = object?.array ?? Array("{}".utf8)
        var isEmpty = object?.members.isEmpty ?? true
        for (name, property) in json["properties"]?.members ?? [] where object?[name] == nil {
            guard let value = property["default"] else { continue }
            out.removeLast()
            if !isEmpty { out.append(UInt8(ascii: ",")) }
            isEmpty = false
            JSONText.append(name, to: &out)
            out.append(UInt8(ascii: ":"))
            out += value.bytes
            out.append(UInt8(ascii: "}"))
        }
        return out
    }
}
