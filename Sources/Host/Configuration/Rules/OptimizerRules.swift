/// The rules of `optimizer` (resource specification, sections 7.1 and 16.2).
enum OptimizerRules {
    /// Those that this project has.
    private static let known = ["local", "tei", "openai"]

    /// The embedding provider: as written, otherwise `tei` for a service and `local` without one.
    static func provider(_ optimizer: Located) -> String {
        if let written = optimizer["embeddingProvider"]?.text, !written.isEmpty { return written }
        return optimizer["embeddingService"]?.text?.isEmpty ?? true ? "local" : "tei"
    }

    static let check: ObjectShape.Rule = { optimizer, validation in
        let log = validation.log
        let provider = provider(optimizer)
        if let written = optimizer["embeddingProvider"] {
            let all = known + validation.sources.servedEmbeddings.subtracting(known).sorted()
            if !all.contains(provider) {
                log.error(
                    at: written,
                    "expected one of \(all.joined(separator: ", ")), found \(written.node.valueDescription)"
                        + Suggestion.sentence(for: provider, among: all))
            }
        }
        if provider == "openai" {
            for field in ["embeddingService", "embeddingModel"] where optimizer[field]?.text?.isEmpty ?? true {
                log.error(
                    at: optimizer, field: field, "expected a value, found nothing; `embeddingProvider: openai` needs it"
                )
            }
        }
        if let headers = optimizer["embeddingHeaders"], !headers.entries.isEmpty, provider != "openai" {
            log.error(
                at: headers, "expected headers with `embeddingProvider: openai` only, found `\(provider)`; remove them")
        }
        for (name, value) in optimizer["embeddingHeaders"]?.entries ?? [] {
            if !HeaderRules.isToken(name) {
                log.error(at: value, "expected an HTTP header name, found \"\(name)\"")
            } else if ["authorization", "content-type"].contains(name.lowercased()) {
                log.error(at: value, "expected a header of your own, found the reserved header `\(name)`; remove it")
            }
        }
        checkRange(optimizer["hybridSearchSemanticRatio"], upTo: 1, validation: validation)
        checkRange(optimizer["semanticDistanceThreshold"], upTo: 2, validation: validation)
    }

    private static func checkRange(_ value: Located?, upTo limit: Double, validation: Validation) {
        guard let value, let text = value.numeral, let number = Double(text.hasPrefix(".") ? "0" + text : text),
            number > limit
        else { return }
        validation.log.error(at: value, "expected a number from 0 to \(Int(limit)), found \(text)")
    }
}
