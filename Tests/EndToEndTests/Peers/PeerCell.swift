/// One pairing and feature: what the client did and what came of it.
struct PeerCell: Sendable, CustomStringConvertible {
    let client: PeerClient
    let server: PeerServer
    let feature: PeerFeature
    let results: [JSON]
    /// What came while each operation ran.
    let steps: [JSON]
    /// What the servers wrote down.
    let journal: [String]

    var description: String {
        let operations = zip(feature.operations(server), results).map { "\($0.text) got \($1.text.prefix(600))" }
        return "\(client.testDescription), \(server.name), \(feature.name): " + operations.joined(separator: "; ")
    }

    /// The code of the error that an operation ended with.
    func errorCode(_ index: Int) -> Int? { results[index]["error"]?["code"]?.number.map { Int($0) } }

    /// The first text of a tool's result.
    func text(_ index: Int) -> String? { results[index].toolText }

    /// What a backend asked while an operation ran: `[method, params]` each.
    func asked(_ index: Int) -> [JSON] { steps[index]["asked"]?.array ?? [] }
}
