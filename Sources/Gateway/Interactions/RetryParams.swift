/// The members of a request's params that carry a retry: `inputResponses` and `requestState`.
enum RetryParams {
    static let responses = "inputResponses"
    static let state = "requestState"

    /// Takes members out of an object; the members that stay keep their bytes.
    static func remove(_ keys: Set<String>, from object: JSONSlice, into splice: inout JSONSplice) {
        var members: [(range: Range<Int>, goes: Bool)] = []
        JSONScanner.eachMember(of: object) { key, value in
            let goes = keys.contains { JSONText.equals(object.base[key], $0) }
            members.append(((key.lowerBound - 1)..<value.upperBound, goes))
            return true
        }
        guard members.contains(where: \.goes) else { return }
        // One edit for what follows the last member that stays, its comma included; one each for what stands before others.
        let last = members.lastIndex { !$0.goes }
        let tail = last.map { members[$0].range.upperBound } ?? object.range.lowerBound + 1
        splice.replace(tail..<(members.last?.range.upperBound ?? tail), with: [])
        for index in 0..<(last ?? 0) where members[index].goes {
            splice.replace(members[index].range.lowerBound..<members[index + 1].range.lowerBound, with: [])
        }
    }

    /// Puts the members of a retry into params that have some, in the place of any that they have.
    /// - Parameters:
    ///   - responses: The raw object.
    ///   - state: The raw string; `nil` when the server gave none.
    static func put(responses: [UInt8]?, state: [UInt8]?, into params: JSONSlice, _ splice: inout JSONSplice) {
        remove([Self.responses, Self.state], from: params, into: &splice)
        var text: [UInt8] = []
        for (key, value) in [(Self.responses, responses), (Self.state, state)] {
            if let value { text += Array("\"\(key)\":".utf8) + value + Array(",".utf8) }
        }
        let start = params.range.lowerBound + 1
        splice.replace(start..<start, with: text)
    }
}
