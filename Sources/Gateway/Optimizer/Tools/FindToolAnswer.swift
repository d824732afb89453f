/// The results of the two tools that the gateway makes itself, as raw JSON.
enum FindToolAnswer {
    /// What was found, once as text and once as structured content.
    static func result(_ found: ToolMatches) -> [UInt8] {
        let body = body(found)
        var out = Array("{\"content\":[{\"type\":\"text\",\"text\":".utf8)
        JSONText.append(String(decoding: body, as: UTF8.self), to: &out)
        out += "}],\"structuredContent\":".utf8
        out += body
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// A failure that the model can read.
    static func failure(_ text: String) -> [UInt8] {
        Array("{\"content\":[{\"type\":\"text\",\"text\":".utf8) + JSONText.quote(text)
            + Array("}],\"isError\":true}".utf8)
    }

    private static func body(_ found: ToolMatches) -> [UInt8] {
        var out = Array("{\"tools\":[".utf8)
        for (index, match) in found.matches.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out += match.tool.json.bytes
        }
        let (all, some) = (found.searchedTokens, found.matches.reduce(0) { $0 + $1.tool.tokens })
        let saved = all > 0 ? Double(all - some) / Double(all) * 100 : 0
        out += "],\"token_metrics\":{\"baseline_tokens\":\(all),\"returned_tokens\":\(all > 0 ? some : 0),".utf8
        out += "\"savings_percent\":\(saved)}}".utf8
        return out
    }
}
