import Foundation

/// The folder of a group.
///
/// A server has a file `NAME.yaml`. One that is stopped keeps it as `NAME.yaml.stopped`, which no reader of configurations
/// looks at.
package struct GroupFolder: Sendable {
    /// A member of the group.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let kind: String
        /// The image, or the URL of a remote one.
        package let source: String
        package let transport: String
        package let isStopped: Bool
        /// Where it is defined.
        let file: String
    }

    /// The file of the group itself.
    static let ownFile = "group.yaml"
    private static let stopped = ".stopped"

    package let name: String
    package let path: String

    var exists: Bool { FileManager.default.fileExists(atPath: "\(path)/\(Self.ownFile)") }

    /// All members, those that are stopped too, by name. Files that cannot be read have none here; a gateway says why.
    package func members() throws(GroupFault) -> [Member] {
        let files: [String]
        do { files = try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
            throw GroupFault("expected a readable folder, found \(path): \(error.localizedDescription)")
        }
        let isRead = { (file: String) in SourceFiles.extensions.contains((file as NSString).pathExtension.lowercased())
        }
        return files.filter { file in
            let base = file.hasSuffix(Self.stopped) ? String(file.dropLast(Self.stopped.count)) : file
            return !file.hasPrefix(".") && isRead(base)
        }.flatMap(members(of:)).sorted { ($0.name, $0.file) < ($1.name, $1.file) }
    }

    /// A member that is there.
    package func member(_ name: String) throws(GroupFault) -> Member {
        let all = try members()
        if let found = all.first(where: { $0.name == name }) { return found }
        throw GroupFault(
            "expected a server of the group \(self.name), found none named \"\(name)\""
                + Suggestion.sentence(for: name, among: all.map(\.name)))
    }

    /// Adds a server.
    ///
    /// - Parameter check: Gets the paths of a configuration with it, and throws when that cannot be used: nothing is added
    ///   then.
    package func add(_ server: ServerDocument, check: ([String]) throws -> Void) throws {
        if let there = try members().first(where: { $0.name == server.name }) {
            throw GroupFault(
                "the group \(name) has a server \"\(server.name)\" already (\(there.source)); choose another name with --name, "
                    + "or remove it: vmcp rm \(server.name) --group \(name)")
        }
        // Beside the folder, which may be watched.
        let draft = "../.\(name).\(server.name).yaml"
        try write(server.text, as: draft)
        defer { unlink("\(path)/\(draft)") }
        try check([path, "\(path)/\(draft)"])
        try move(draft, to: "\(server.name).yaml")
    }

    /// Takes a server out, and keeps its file.
    package func stop(_ name: String) throws(GroupFault) {
        let member = try alone(name, "stopped")
        guard !member.isStopped else {
            throw GroupFault("the server \"\(name)\" of the group \(self.name) is stopped already")
        }
        try move(member.file, to: member.file + Self.stopped)
    }

    /// Takes a stopped server in again.
    package func start(_ name: String) throws(GroupFault) {
        let member = try alone(name, "started")
        guard member.isStopped else {
            throw GroupFault("the server \"\(name)\" of the group \(self.name) is not stopped")
        }
        try move(member.file, to: String(member.file.dropLast(Self.stopped.count)))
    }

    /// Removes a server with its file.
    package func remove(_ name: String) throws(GroupFault) {
        let member = try alone(name, "removed")
        guard unlink("\(path)/\(member.file)") == 0 else { throw failure("remove \(path)/\(member.file)") }
    }

    /// Writes a file as a whole, for its user alone: values of variables may be secret.
    func write(_ text: String, as file: String) throws(GroupFault) {
        let temporary = "\(path)/../.\(name).\(UInt32.random(in: 0 ... .max)).tmp"
        let isWritten = FileManager.default.createFile(
            atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten, rename(temporary, "\(path)/\(file)") == 0 else {
            let fault = failure("write \(path)/\(file)")
            unlink(temporary)
            throw fault
        }
    }

    /// A member whose file has nothing else of the group.
    private func alone(_ name: String, _ what: String) throws(GroupFault) -> Member {
        let member = try member(name)
        let others = try members().filter { $0.file == member.file && $0.name != name }
        guard others.isEmpty, member.file != Self.ownFile else {
            throw GroupFault(
                "\(path)/\(member.file) defines more than \"\(name)\", which cannot be \(what) alone; give each server a file"
            )
        }
        return member
    }

    private func members(of file: String) -> [Member] {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(file)"),
            let text = String(validating: data, as: UTF8.self)
        else { return [] }
        return DocumentReader(file: file, log: DiagnosticLog()).documents(in: text).compactMap { document in
            guard document.at("spec", "groupRef", "name")?.text == name, let kind = document["kind"]?.text,
                kind != "VirtualMCPServer", let member = document.at("metadata", "name")?.text
            else { return nil }
            let spec = document["spec"]
            return Member(
                name: member, kind: kind, source: spec?["image"]?.text ?? spec?["remoteUrl"]?.text ?? "",
                transport: spec?["transport"]?.text ?? (kind == "MCPServer" ? "stdio" : ""),
                isStopped: file.hasSuffix(Self.stopped), file: file)
        }
    }

    private func move(_ file: String, to target: String) throws(GroupFault) {
        // RENAME_NOREPLACE is not everywhere; only this user's commands write here.
        guard access("\(path)/\(target)", F_OK) != 0 else {
            throw GroupFault("\(path)/\(target) is in the way; move it elsewhere")
        }
        guard rename("\(path)/\(file)", "\(path)/\(target)") == 0 else { throw failure("write \(path)/\(target)") }
    }

    private func failure(_ what: String) -> GroupFault {
        GroupFault("could not \(what): \(String(cString: strerror(errno)))")
    }
}
