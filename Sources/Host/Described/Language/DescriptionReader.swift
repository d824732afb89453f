import Yams

extension LibraryDescription {
    /// Reads and checks the text of a description.
    ///
    /// The keys of every manifest (`id`, `version`, `provides`, `kinds`, `strategies`, `sha256`) are checked by whoever
    /// reads manifests, and are only taken here.
    /// - Throws: ``DescriptionError`` with all that is wrong, each with its place.
    package init(parsing text: String) throws(DescriptionError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw DescriptionError([DescriptionProblem(.notYAML, at: nil, path: "", "\(error)")])
        }
        let problems = ProblemList()
        guard let root, root.mapping != nil else {
            throw DescriptionError([
                DescriptionProblem(.wrongKind, at: Place(line: 1, column: 1), path: "", "expected a mapping of keys")
            ])
        }
        var reader = DescriptionReader(Field(node: root, path: "", problems: problems))
        self = reader.read()
        // What refers to something misread would only repeat the error.
        if problems.all.isEmpty { DescriptionChecker(self, problems).check() }
        guard problems.all.isEmpty else { throw DescriptionError(problems.all) }
    }
}

/// Makes a description of its YAML.
struct DescriptionReader {
    private static let manifestKeys: Set<String> = [
        "id", "version", "library", "provides", "kinds", "strategies", "perCaller", "embeddings", "sha256",
    ]
    private static let keys: Set<String> = manifestKeys.union([
        "isolation", "threads", "constants", "enums", "structs", "callbacks", "functions", "handles", "init",
        "configuration", "embedding", "auth",
    ])

    private let root: Field
    var enums: [String: EnumDescription] = [:]
    var structs: [String: StructDescription] = [:]
    var callbacks: [String: CallbackDescription] = [:]

    init(_ root: Field) { self.root = root }

    mutating func read() -> LibraryDescription {
        var library = LibraryDescription()
        root.check(keys: Self.keys, "a description")
        library.id = root["id"]?.text ?? ""
        library.version = root["version"]?.text ?? ""
        library.library = root.required("library")?.text ?? ""
        library.provides =
            root["provides"].map { $0.isSequence ? $0.elements("a list").compactMap(\.scalar) : [$0.scalar ?? ""] }
            ?? []
        if let choice = root["isolation"]?.choice(LibraryDescription.Isolation.self) { library.isolation = choice }
        if let choice = root["threads"]?.choice(LibraryDescription.Threads.self) { library.threads = choice }
        for (name, field) in root["constants"]?.entries("constants by name") ?? [] {
            library.constants[name] = Self.integer(field)
        }
        for (name, field) in root["enums"]?.entries("enums by name") ?? [] { enums[name] = readEnum(name, field) }
        for (name, field) in root["structs"]?.entries("structures by name") ?? [] {
            structs[name] = readStruct(name, field)
        }
        let callbackFields = root["callbacks"]?.entries("callbacks by name") ?? []
        checkTypeNames(callbackFields)
        // All names before all signatures: a callback may stand below the function that takes it.
        for (name, _) in callbackFields { callbacks[name] = CallbackDescription(name: name) }
        for (name, field) in callbackFields { library.callbacks[name] = readCallback(name, field) }
        for (name, field) in root.required("functions")?.entries("functions by name") ?? [] {
            library.functions.append(readFunction(name, field))
        }
        for (name, field) in root["handles"]?.entries("handles by name") ?? [] {
            if let handle = readHandle(name, field) { library.handles.append(handle) }
        }
        library.initializer = root["init"]?.text
        for (name, field) in root["configuration"]?.entries("settings by name") ?? [] {
            if let setting = readSetting(name, field) { library.configuration.append(setting) }
        }
        library.embedding = root["embedding"].flatMap(readEmbedding)
        library.auth = root["auth"].flatMap(readAuth)
        return library
    }

    private func checkTypeNames(_ callbacks: [(name: String, value: Field)]) {
        let builtIn: Set<String> = [
            "cstring", "bytes", "pointer", "out", "inout", "value", "void", "length", "dimensions",
        ]
        for (kind, names) in [
            ("enums", Array(enums.keys)), ("structs", Array(structs.keys)), ("callbacks", callbacks.map(\.name)),
        ] {
            for name in names where builtIn.contains(name) || ScalarType(name: name) != nil {
                (root[kind]?[name] ?? root).problem(.badName, "'\(name)' is a type of the language; take another name")
            }
        }
        for name in Set(enums.keys).intersection(structs.keys) {
            (root["structs"]?[name] ?? root).problem(.duplicateName, "'\(name)' is an enum as well")
        }
        for (name, field) in callbacks where enums[name] != nil || structs[name] != nil {
            field.problem(.duplicateName, "'\(name)' is an enum or a structure as well")
        }
    }

    static func integer(_ field: Field) -> Int64? {
        if let scalar = field.scalar, let value = Int64(scalar) ?? hexadecimal(scalar) { return value }
        field.problem(.badValue, "expected a whole number of 64 bits, found \(field.kind)")
        return nil
    }

    private static func hexadecimal(_ text: String) -> Int64? {
        text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : nil
    }

    // MARK: Types

    private func readEnum(_ name: String, _ field: Field) -> EnumDescription {
        var enumeration = EnumDescription(name: name, type: .int32, cases: [])
        var cases = field
        if field["values"]?.isMapping == true {
            field.check(keys: ["type", "values"], "an enum")
            if let type = field["type"], let text = type.text {
                if let scalar = ScalarType(name: text), scalar.isInteger {
                    enumeration.type = scalar
                } else {
                    type.problem(.badType, "expected an integer type, found '\(text)'")
                }
            }
            cases = field["values"] ?? field
        }
        for (name, field) in cases.entries("numbers by name") {
            guard let value = Self.integer(field) else { continue }
            if let range = enumeration.type.range, !range.contains(Double(value)) {
                field.problem(.badValue, "\(value) does not fit \(enumeration.type.rawValue)")
            }
            enumeration.cases.append(.init(name: name, value: value))
        }
        if enumeration.cases.isEmpty { field.problem(.badValue, "an enum has at least one name") }
        return enumeration
    }

    private func readStruct(_ name: String, _ field: Field) -> StructDescription {
        var structure = StructDescription(name: name, fields: [])
        for element in field.elements("a list of fields, such as [x: float64, y: float64]") {
            guard let (name, body) = named(element) else { continue }
            let typeField = body.isMapping ? body.required("type") : body
            if body.isMapping { body.check(keys: ["type", "description"], "a field") }
            guard let typeField, let syntax = parseType(typeField) else { continue }
            if structure.fields.contains(where: { $0.name == name }) {
                element.problem(.duplicateName, "'\(name)' is there twice")
            }
            guard let kind = fieldKind(syntax, typeField) else { continue }
            structure.add(name, kind, description: body["description"]?.text ?? "")
        }
        if structure.fields.isEmpty { field.problem(.badValue, "a structure has at least one field") }
        if structure.size > 65_536 { field.problem(.limit, "a structure has at most 65536 bytes") }
        return structure
    }

    private func fieldKind(_ syntax: TypeSyntax, _ field: Field) -> StructDescription.Field.Kind? {
        guard syntax.direction == .input, !syntax.isByValue, !syntax.isNullable || syntax.name == "cstring" else {
            field.problem(.badType, "a field has no direction and is not nullable, except cstring?")
            return nil
        }
        if let scalar = ScalarType(name: syntax.name) {
            guard let count = syntax.count else { return .scalar(scalar) }
            guard case .constant(let count) = count, (1...4_096).contains(count) else {
                field.problem(.unknownLength, "an array inside a structure has 1 to 4096 elements, as a number")
                return nil
            }
            return .array(scalar, Int(count))
        }
        if syntax.count == nil {
            if let enumeration = enums[syntax.name] { return .enumeration(enumeration) }
            if syntax.name == "cstring" { return .text }
        }
        field.problem(
            .unsupportedElement,
            "a field is a number, an enum, cstring or an array of numbers, found '\(field.scalar ?? "")'; "
                + "describe what is nested as fields of its own")
        return nil
    }

    // MARK: Pieces of signatures

    /// The one name of an entry such as `- size: uint32`.
    func named(_ element: Field) -> (String, Field)? {
        if element.scalar == "..." {
            element.problem(
                .varargs, "a function with a variable number of arguments cannot be bound: write a wrapper in C")
            return nil
        }
        let entries = element.isMapping ? element.entries("a name with its type") : []
        guard entries.count == 1, let entry = entries.first else {
            element.problem(
                .wrongKind, "expected one name with its type, such as 'size: uint32', found \(element.kind)")
            return nil
        }
        return (entry.name, entry.value)
    }

    func parseType(_ field: Field) -> TypeSyntax? {
        guard let text = field.text else { return nil }
        do {
            let syntax = try TypeSyntax(parsing: text)
            guard syntax.name == "..." else { return syntax }
            field.problem(
                .varargs, "a function with a variable number of arguments cannot be bound: write a wrapper in C")
        } catch {
            field.problem(.badType, "'\(text)' is no type: \(error)")
        }
        return nil
    }

    func type(_ field: Field) -> DescribedType? {
        guard let syntax = parseType(field) else { return nil }
        guard let base = base(syntax.name) else {
            field.problem(
                .unknownType,
                "'\(syntax.name)' is neither a type of the language nor an enum, a structure or a callback of this file"
            )
            return nil
        }
        let type = DescribedType(
            direction: syntax.direction, base: base, count: syntax.count, isByValue: syntax.isByValue,
            isNullable: syntax.isNullable)
        guard TypeRules.check(type, field) else { return nil }
        return type
    }

    private func base(_ name: String) -> DescribedType.Base? {
        if let scalar = ScalarType(name: name) { return .scalar(scalar) }
        switch name {
        case "cstring": return .text
        case "bytes": return .bytes
        case "pointer": return .pointer
        default: break
        }
        if let enumeration = enums[name] { return .enumeration(enumeration) }
        if let structure = structs[name] { return .structure(structure) }
        return callbacks[name].map { .callback($0.name) }
    }
}
