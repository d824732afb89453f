import ArgumentParser
import Foundation
import HostConfiguration

/// Which server of which group a command is about.
struct ServerOptions: ParsableArguments {
    @Argument(help: "The server.") var server: String

    @Option(name: .shortAndLong, help: "Its group; needed when several groups have a server of this name.")
    var group: String?

    /// - Throws: When there is no such server.
    func folder() throws -> GroupFolder {
        let folder = try GroupStore.current.group(having: server, named: group)
        _ = try folder.member(server)
        return folder
    }
}

extension GroupStore {
    /// Of this user.
    static var current: GroupStore {
        get throws { try GroupStore(environment: ProcessInfo.processInfo.environment) }
    }
}
