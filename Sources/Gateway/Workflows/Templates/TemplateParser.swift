/// Makes the tree of a template.
struct TemplateParser {
    /// Deepest nesting of blocks and parentheses.
    static let maximumDepth = 100

    /// Blocks named by `define` and `block`.
    private(set) var definitions: [String: [TemplateNode]] = [:]
    private var stretches: ArraySlice<TemplateStretch>
    private let end: Int
    /// Variables in sight, the root first.
    var variables = [""]
    private var loops = 0
    private var depth = 0
    private var calls: [(name: String, offset: Int)] = []

    private init(_ stretches: [TemplateStretch], end: Int) {
        self.stretches = stretches[...]
        self.end = end
    }

    /// - Returns: The tree, and the blocks it names.
    static func parse(
        _ bytes: [UInt8]
    ) throws(TemplateFault) -> (root: [TemplateNode], definitions: [String: [TemplateNode]]) {
        var parser = TemplateParser(try TemplateLexer.stretches(of: bytes), end: bytes.count)
        let (root, stop) = try parser.nodes()
        if let stop {
            throw TemplateFault(
                "expected `if`, `range` or `with` before `{{\(stop.word)}}`, found none", at: stop.offset)
        }
        for call in parser.calls where parser.definitions[call.name] == nil {
            throw TemplateFault("expected a template that `define` names, found \"\(call.name)\"", at: call.offset)
        }
        return (root, parser.definitions)
    }

    /// What ends a list of nodes: `end`, or `else` with what follows it.
    private struct Stop {
        let word: String
        let offset: Int
        let rest: ArraySlice<TemplateToken>
    }

    /// Nodes up to `end` or `else`, or to the end of the text.
    private mutating func nodes() throws(TemplateFault) -> ([TemplateNode], Stop?) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw TemplateFault("expected at most \(Self.maximumDepth) levels of nesting, found more")
        }
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        var found: [TemplateNode] = []
        while let stretch = stretches.popFirst() {
            switch stretch {
            case .text(let text): found.append(.text(text))
            case .action(let tokens, let offset):
                guard let first = tokens.first else {
                    throw TemplateFault("expected a value between `{{` and `}}`, found nothing", at: offset)
                }
                if case .word(let word) = first.kind, word == "end" || word == "else" {
                    return (found, Stop(word: word, offset: offset, rest: tokens.dropFirst()))
                }
                if let node = try node(tokens[...], at: offset) { found.append(node) }
            }
        }
        return (found, nil)
    }

    private mutating func node(
        _ tokens: ArraySlice<TemplateToken>, at offset: Int
    ) throws(TemplateFault) -> TemplateNode? {
        let rest = tokens.dropFirst()
        guard case .word(let word) = tokens[tokens.startIndex].kind else {
            return .output(try TemplatePipeline.read(tokens, at: offset, in: &self))
        }
        switch word {
        case "if", "with": return try choice(word, rest, at: offset)
        case "range": return try range(rest, at: offset)
        case "define": try define(rest, at: offset)
        case "block": return try block(rest, at: offset)
        case "template": return try call(rest, at: offset)
        case "break", "continue":
            guard loops > 0 else {
                throw TemplateFault("expected `{{\(word)}}` inside `range`, found it outside", at: offset)
            }
            try finished(rest, after: word)
            return word == "break" ? .leave : .next
        default: return .output(try TemplatePipeline.read(tokens, at: offset, in: &self))
        }
        return nil
    }

    // MARK: - Blocks

    private mutating func choice(
        _ word: String, _ tokens: ArraySlice<TemplateToken>, at offset: Int
    ) throws(TemplateFault) -> TemplateNode {
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        let pipeline = try TemplatePipeline.read(tokens, at: offset, in: &self)
        let (then, otherwise) = try branches(of: word, at: offset)
        return word == "if"
            ? .choice(pipeline, then: then, otherwise: otherwise) : .with(pipeline, then: then, otherwise: otherwise)
    }

    private mutating func range(_ tokens: ArraySlice<TemplateToken>, at offset: Int) throws(TemplateFault)
        -> TemplateNode
    {
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        let pipeline = try TemplatePipeline.read(tokens, at: offset, isRange: true, in: &self)
        loops += 1
        let (then, stop) = try nodes()
        loops -= 1
        return .range(pipeline, then: then, otherwise: try otherwise(stop, of: "range", at: offset))
    }

    private mutating func branches(
        of word: String, at offset: Int
    ) throws(TemplateFault) -> ([TemplateNode], [TemplateNode]) {
        let (then, stop) = try nodes()
        return (then, try otherwise(stop, of: word, at: offset))
    }

    /// The nodes after `else`; none when the block has ended without.
    private mutating func otherwise(_ stop: Stop?, of word: String, at offset: Int) throws(TemplateFault)
        -> [TemplateNode]
    {
        guard let stop else {
            throw TemplateFault("expected `{{end}}` for `{{\(word)}}`, found none; close the block", at: offset)
        }
        if stop.word == "end" {
            try finished(stop.rest, after: "end")
            return []
        }
        if let next = stop.rest.first {
            // `else if` and `else with` share the end with what they stand in.
            guard case .word(let inner) = next.kind, inner == word, word != "range" else {
                throw TemplateFault(
                    "expected `}}` or `\(word)` after `else`, found `\(next.kind.text)`", at: next.offset)
            }
            return [try choice(word, stop.rest.dropFirst(), at: stop.offset)]
        }
        let (found, last) = try nodes()
        guard let last, last.word == "end" else {
            let what = last == nil ? "none" : "another `{{else}}`"
            throw TemplateFault("expected `{{end}}` for `{{\(word)}}`, found \(what)", at: last?.offset ?? offset)
        }
        try finished(last.rest, after: "end")
        return found
    }

    private mutating func define(_ tokens: ArraySlice<TemplateToken>, at offset: Int) throws(TemplateFault) {
        guard depth == 1 else {
            throw TemplateFault("expected `define` outside of blocks, found it inside of one", at: offset)
        }
        let (name, rest) = try name(tokens, after: "define", at: offset)
        try finished(rest, after: "the name")
        definitions[name] = try body(of: "define", at: offset)
    }

    private mutating func block(_ tokens: ArraySlice<TemplateToken>, at offset: Int) throws(TemplateFault)
        -> TemplateNode
    {
        let (name, rest) = try name(tokens, after: "block", at: offset)
        let pipeline = try TemplatePipeline.read(rest, at: offset, in: &self)
        let body = try body(of: "block", at: offset)
        if definitions[name] == nil { definitions[name] = body }
        return .call(name, pipeline, offset: offset)
    }

    /// The nodes of a named block: it sees no variables of its surroundings, and no loop.
    private mutating func body(of word: String, at offset: Int) throws(TemplateFault) -> [TemplateNode] {
        let outer = (variables, loops)
        (variables, loops) = ([""], 0)
        defer { (variables, loops) = outer }
        let (found, stop) = try nodes()
        guard let stop, stop.word == "end" else {
            throw TemplateFault("expected `{{end}}` for `{{\(word)}}`, found none", at: stop?.offset ?? offset)
        }
        try finished(stop.rest, after: "end")
        return found
    }

    private mutating func call(_ tokens: ArraySlice<TemplateToken>, at offset: Int) throws(TemplateFault)
        -> TemplateNode
    {
        let (name, rest) = try name(tokens, after: "template", at: offset)
        calls.append((name, offset))
        let pipeline = rest.isEmpty ? nil : try TemplatePipeline.read(rest, at: offset, in: &self)
        return .call(name, pipeline, offset: offset)
    }

    private func name(
        _ tokens: ArraySlice<TemplateToken>, after word: String, at offset: Int
    ) throws(TemplateFault) -> (String, ArraySlice<TemplateToken>) {
        guard case .string(let name)? = tokens.first?.kind else {
            throw TemplateFault("expected a name in quotes after `\(word)`, found none", at: offset)
        }
        return (name, tokens.dropFirst())
    }

    private func finished(_ tokens: ArraySlice<TemplateToken>, after word: String) throws(TemplateFault) {
        if let token = tokens.first {
            throw TemplateFault("expected `}}` after \(word), found `\(token.kind.text)`", at: token.offset)
        }
    }

    // MARK: - Depth of parentheses

    mutating func enter(at offset: Int) throws(TemplateFault) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw TemplateFault("expected at most \(Self.maximumDepth) levels of nesting, found more", at: offset)
        }
    }

    mutating func leave() { depth -= 1 }
}
