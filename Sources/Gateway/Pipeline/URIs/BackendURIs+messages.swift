// The places of answers that hold URIs of the backend's resources.
extension BackendURIs {
    /// The answer as clients get it: contents of a read, resource links and embedded resources in tool results and prompt
    /// messages, and the URI of an error (2025-11-25, Resources, Tools, Prompts). All other bytes stay.
    func towardsClient(_ answer: JSONRPCMessage) -> JSONRPCMessage {
        var splice = JSONSplice()
        if let error = answer.error {
            note(error["data"]?["uri"], &splice)
        } else if let result = answer.result {
            let isTask = noteResult(result, &splice)
            // A finished task carries the result or the error of its call (2026-07-28, Tasks extension).
            if isTask {
                if let inner = result["result"] { _ = noteResult(inner, &splice) }
                note(result["error"]?["data"]?["uri"], &splice)
            }
        }
        return answer.spliced(splice)
    }

    /// - Returns: Whether it describes a task.
    private func noteResult(_ result: JSONSlice, _ splice: inout JSONSplice) -> Bool {
        var isTask = false
        JSONScanner.eachMember(of: result) { key, range in
            let (key, value) = (result.base[key], JSONSlice(base: result.base, range: range))
            if JSONText.equals(key, "contents") {
                for contents in value.elements { note(contents["uri"], &splice) }
            } else if JSONText.equals(key, "content") {
                noteContent(value, &splice)
            } else if JSONText.equals(key, "messages") {
                for message in value.elements { message["content"].map { noteContent($0, &splice) } }
            } else if JSONText.equals(key, "taskId") {
                isTask = true
            }
            return true
        }
        return isTask
    }

    /// One content block or several.
    private func noteContent(_ content: JSONSlice, _ splice: inout JSONSplice) {
        for block in content.kind == .array ? content.elements : [content] {
            switch block["type"]?.string {
            case "resource_link": note(block["uri"], &splice)
            case "resource": note(block["resource"]?["uri"], &splice)
            default: break
            }
        }
    }

    private func note(_ member: JSONSlice?, _ splice: inout JSONSplice) {
        guard let member, let uri = member.string else { return }
        let name = towardsClient(uri)
        if name.utf8.count != uri.utf8.count { splice.replace(member.range, with: JSONText.quote(name)) }
    }
}

extension JSONRPCMessage {
    /// An update of a resource for a client that calls it `name`; itself when that is what the backend calls it.
    func renaming(_ uri: String, _ name: String) -> JSONRPCMessage {
        guard uri.utf8.count != name.utf8.count, let member = params?["uri"] else { return self }
        var splice = JSONSplice()
        splice.replace(member.range, with: JSONText.quote(name))
        return spliced(splice)
    }

    /// The message with a few strings in the place of strings.
    fileprivate func spliced(_ splice: JSONSplice) -> JSONRPCMessage {
        guard !splice.isEmpty else { return self }
        // A message it was, and a message it stays.
        do throws(Malformed) { return try JSONRPCMessage(splice.apply(to: json)) } catch { return self }
    }
}
