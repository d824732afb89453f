import Testing

@testable import HostConfiguration

@Suite("Mutated files")
struct MutationTests {
    /// A generator with a seed, so that a failure can be repeated (https://prng.di.unimi.it/splitmix64.c).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces: [String] = [
        "", "\n", "  ", "\t", ":", ": ", "- ", "[", "]", "{", "}", "\"", "'", "&a", "*a", "<<: ", "!!int ", "!x ", "|",
        ">", "#", "%",
        "---\n", "...\n", "null", "true", "-1", "1e999", ".inf", "0x", "{{", "}}", "\u{0}", "\u{FEFF}", "\u{85}",
        "\u{1F600}",
        "? ", "name", "spec", "\\", "\r",
    ]

    private static func mutate(_ text: [Unicode.Scalar], using generator: inout Seeded) -> String {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let start = Int.random(in: 0..<max(1, text.count), using: &generator)
            let length = min(text.count - start, Int.random(in: 0...12, using: &generator))
            let piece = pieces.randomElement(using: &generator) ?? ""
            text.replaceSubrange(start..<start + length, with: Array(piece.unicodeScalars))
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text)
        return String(view)
    }

    @Test(
        "2,000 random changes of valid files never end in a crash, and every rejection has a place",
        arguments: 0..<8 as Range<UInt64>)
    func mutations(seed: UInt64) {
        var generator = Seeded(state: seed)
        let texts = [
            documents(surroundings, resource("VirtualMCPCompositeToolDefinition", spec: Examples.compositeTool)),
            Examples.document,
        ]
        .map { Array($0.unicodeScalars) }
        var rejected = 0
        for round in 0..<250 {
            let text = Self.mutate(texts[round % 2], using: &generator)
            let log = DiagnosticLog()
            let validation = Validation(log: log, sources: ConfigurationFolder.sources([]))
            var sorting = DocumentSorting(validation: validation)
            for document in DocumentReader(file: "test.yaml", log: log).documents(in: text) { sorting.sort(document) }
            let references = ReferenceResolution(index: sorting.index, validation: validation)
            references.checkAll()
            ResourceRelations(index: sorting.index, validation: validation).checkAll()
            if let entry = EntryPoint.select(
                index: sorting.index, plain: sorting.plain, sources: validation.sources, log: DiagnosticLog())
            {
                _ = ConfigurationAssembly(
                    entry: entry, index: sorting.index, references: references, validation: validation
                ).configuration()
            }
            let errors = log.sorted.filter { $0.severity == .error }
            rejected += errors.isEmpty ? 0 : 1
            #expect(errors.allSatisfy { $0.line > 0 && $0.column > 0 && $0.message.contains("expected") }, "\(errors)")
        }
        #expect(rejected > 100)
    }
}
