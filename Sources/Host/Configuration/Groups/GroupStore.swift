import Foundation

/// The groups of this user: a folder of resource files for each. The files are all there is of a group.
package struct GroupStore: Sendable {
    /// Names another folder than the usual one.
    package static let variable = "VMCP_GROUPS"

    /// Where the groups lie; it need not exist.
    package let path: String

    /// The folder that `VMCP_GROUPS` names, otherwise `vmcp/groups` in the user's folder for settings (XDG Base Directory
    /// Specification 0.8: `$XDG_CONFIG_HOME`, otherwise `$HOME/.config`; a relative value is none).
    ///
    /// - Throws: When the environment names no folder.
    package init(environment: [String: String]) throws(GroupFault) {
        if let named = environment[Self.variable], !named.isEmpty {
            path = named.hasPrefix("/") ? named : FileManager.default.currentDirectoryPath + "/" + named
        } else if let settings = environment["XDG_CONFIG_HOME"], settings.hasPrefix("/") {
            path = "\(settings)/vmcp/groups"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = "\(home)/.config/vmcp/groups"
        } else {
            throw GroupFault(
                "expected \(Self.variable), XDG_CONFIG_HOME or HOME to name a folder for groups, found none; set one")
        }
    }

    /// All groups, by name.
    package var groups: [GroupFolder] {
        get throws(GroupFault) {
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            do {
                return try FileManager.default.contentsOfDirectory(atPath: path).filter(Self.isName).sorted()
                    .map(folder).filter(\.exists)
            } catch {
                throw GroupFault("expected a readable folder of groups, found \(path): \(error.localizedDescription)")
            }
        }
    }

    /// A group that is there.
    package func group(_ name: String) throws(GroupFault) -> GroupFolder {
        try Self.check(name, "a group")
        let folder = folder(name)
        guard folder.exists else {
            let known = try groups.map(\.name)
            let others = known.isEmpty ? "there is none yet" : "there are \(known.joined(separator: ", "))"
            throw GroupFault(
                "expected a group, found none named \"\(name)\" in \(path) (\(others)); make it: vmcp group create \(name)"
            )
        }
        return folder
    }

    /// Makes a group without members, and the gateway in front of it.
    package func create(_ name: String) throws(GroupFault) -> GroupFolder {
        try Self.check(name, "a group")
        let folder = folder(name)
        guard !folder.exists else { throw GroupFault("the group \"\(name)\" is there already: \(folder.path)") }
        do {
            try FileManager.default.createDirectory(
                atPath: folder.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw GroupFault("could not make the folder \(folder.path): \(error.localizedDescription)")
        }
        try folder.write(Self.starter(name), as: GroupFolder.ownFile)
        return folder
    }

    /// The group that has a server.
    ///
    /// - Parameter name: Of the group; `nil` when the server's name tells.
    package func group(having server: String, named name: String?) throws(GroupFault) -> GroupFolder {
        if let name { return try group(name) }
        var found: [GroupFolder] = []
        for group in try groups {
            let members = try group.members()
            if members.contains(where: { $0.name == server }) { found.append(group) }
        }
        guard found.count < 2 else {
            let names = found.map(\.name).joined(separator: ", ")
            throw GroupFault("the groups \(names) have a server \"\(server)\" each; choose one with --group")
        }
        guard let only = found.first else {
            throw GroupFault("expected a server, found none named \"\(server)\" in any group; vmcp list shows all")
        }
        return only
    }

    /// - Parameter what: For the error: `a group`.
    package static func check(_ name: String, _ what: String) throws(GroupFault) {
        guard isName(name) else {
            throw GroupFault(
                "expected a name for \(what) of at most 63 lower case letters, digits and hyphens, found \"\(name)\"")
        }
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 63 && Pattern.matches(name, "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    }

    private func folder(_ name: String) -> GroupFolder { GroupFolder(name: name, path: "\(path)/\(name)") }

    private static func starter(_ name: String) -> String {
        """
        # The group and the gateway in front of it: vmcp serve --group \(name)
        # vmcp run writes a file for each server beside this one. All may be edited; a gateway that runs follows.
        apiVersion: \(ResourceSchema.versions[0])
        kind: MCPGroup
        metadata:
          name: \(quoted(name))
        ---
        apiVersion: \(ResourceSchema.versions[0])
        kind: VirtualMCPServer
        metadata:
          name: \(quoted(name))
        spec:
          groupRef:
            name: \(quoted(name))
          incomingAuth:
            type: anonymous
          config:
            aggregation:
              conflictResolution: prefix
              conflictResolutionConfig:
                prefixFormat: "{workload}_"

        """
    }
}
