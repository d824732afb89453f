import Gateway

/// Puts the form of an elicitation to the person at the terminal.
struct TerminalQuestions: Sendable {
    /// - Parameter params: Of `elicitation/create`.
    /// - Returns: The raw result.
    func answer(_ params: JSONSlice) -> [UInt8] {
        Terminal.complain("\n" + Terminal.styled(params["message"]?.string ?? "", .bold))
        choice: while true {
            // The end of the input is nobody's answer.
            switch ask("accept, decline or cancel? [a/d/c] ")?.lowercased() {
            case "a", "accept", "y", "yes": break choice
            case "d", "decline", "n", "no": return Array("{\"action\":\"decline\"}".utf8)
            case "c", "cancel", nil: return Array("{\"action\":\"cancel\"}".utf8)
            default: continue
            }
        }
        let required = Set((params["requestedSchema"]?["required"]?.elements ?? []).compactMap(\.string))
        var members: [[UInt8]] = []
        for (name, property) in params["requestedSchema"]?["properties"]?.members ?? [] {
            guard let json = value(of: name, property, isRequired: required.contains(name)) else { continue }
            members.append(JSONText.quote(name) + Array(":".utf8) + json)
        }
        return Array("{\"action\":\"accept\",\"content\":{".utf8) + Array(members.joined(separator: Array(",".utf8)))
            + Array("}}".utf8)
    }

    /// `nil` for an empty answer that may be left out.
    private func value(of name: String, _ property: JSONSlice, isRequired: Bool) -> [UInt8]? {
        let type = property["type"]?.string ?? "string"
        let choices = (property["enum"]?.elements ?? []).compactMap(\.string)
        let hint = choices.isEmpty ? type : choices.joined(separator: " | ")
        let text = ask("  \(property["title"]?.string ?? name) (\(hint))\(isRequired ? "" : ", optional"): ") ?? ""
        if text.isEmpty, !isRequired { return nil }
        switch type {
        case "boolean": return Array((["y", "yes", "true", "1"].contains(text.lowercased()) ? "true" : "false").utf8)
        case "integer", "number":
            // What is no number is sent as text, so that the answer is refused with a reason.
            do { return try JSONSlice(validating: Array(text.utf8)).array } catch { return JSONText.quote(text) }
        default: return JSONText.quote(text)
        }
    }

    private func ask(_ prompt: String) -> String? {
        print(prompt, terminator: "")
        Terminal.flush()
        return readLine()
    }
}
