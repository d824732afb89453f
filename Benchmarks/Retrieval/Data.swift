import Foundation
import Gateway

/// The tools and queries of a folder in the form of the tool-retrieval benchmark.
struct RetrievalData {
    struct Tool: Decodable {
        let id: String
        let pool: String
        let server: String?
        let name: String
        let equiv: [String]?
    }
    struct Query: Decodable {
        let query: String
        let gold: [String]
        let source: String
        let pool: String
    }
    struct Missing: Error, CustomStringConvertible { let description: String }

    let tools: [(tool: Tool, json: JSONSlice)]
    let queries: [Query]
    /// By id: the tools that do as well.
    let equivalents: [String: Set<String>]

    /// - Throws: When a file is absent or no such data.
    init(folder: String, queries name: String) throws {
        func lines(_ name: String) throws -> [Substring] {
            let path = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Missing(
                    description: "no \(path): name the folder with the tools.jsonl and \(name) of the tool-retrieval "
                        + "benchmark, as in `make bench-retrieval DATA=../tool-retrieval`")
            }
            return String(decoding: data, as: UTF8.self).split(separator: "\n")
        }
        let decoder = JSONDecoder()
        tools = try lines("tools.jsonl").map { line in
            let bytes = Array(line.utf8)
            return (try decoder.decode(Tool.self, from: Data(bytes)), try JSONSlice(validating: bytes))
        }
        queries = try lines(name).map { try decoder.decode(Query.self, from: Data($0.utf8)) }
        equivalents = Dictionary(
            uniqueKeysWithValues: tools.map { ($0.tool.id, Set($0.tool.equiv ?? [])) })
    }

    /// The tools of some pools as a gateway would show them, and the id of each by backend and original name.
    ///
    /// Tools of a server with equal names, which no server has, are given to copies of it whose names are no words.
    /// - Parameters:
    ///   - prefixed: Whether every name has that of its server before it, as with the reference's own default.
    ///   - least: When there are fewer, copies of them are added until there are as many.
    func catalog(_ pools: Set<String>, prefixed: Bool = false, least: Int = 0) -> (Catalog, ids: [String: String]) {
        var offers: [String: [JSONSlice]] = [:]
        var ids: [String: String] = [:]
        let chosen = tools.filter { pools.contains($0.tool.pool) }
        for index in 0..<max(chosen.count, least) {
            let (tool, json) = chosen[index % chosen.count]
            // Where the source has no server, its name is no word either.
            var backend = tool.server.flatMap { $0.isEmpty ? nil : $0 } ?? "-"
            while ids["\(backend)\n\(tool.name)"] != nil { backend += "-" }
            offers[backend, default: []].append(json)
            ids["\(backend)\n\(tool.name)"] = tool.id
        }
        let settings = AggregationSettings(
            strategy: .prefix, prefixMode: prefixed ? .always : .onConflict, shortenNames: false)
        let catalog = Pipeline(settings).catalog(
            from: offers.map { BackendOffer(backend: $0.key, items: [.tools: $0.value]) }
        ).0
        return (catalog, ids)
    }
}
