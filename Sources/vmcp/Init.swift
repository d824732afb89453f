import ArgumentParser
import Foundation
import Host
import HostConfiguration

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a starter vMCP file for a group of resources.",
        discussion: """
            EXAMPLES
              vmcp init --group tools --config resources/
              vmcp init --group tools --config resources/ --output vmcp.yaml
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Option(name: .shortAndLong, help: "The group to read.")
    var group: String

    @Option(name: .shortAndLong, help: "The file to write, mode 0600, replaced as a whole; - is standard output.")
    var output = "-"

    func run() throws {
        let starter = try configuration.assembly().starter(group: group)
        for diagnostic in starter.diagnostics { Terminal.complain("\(diagnostic)") }
        guard !starter.diagnostics.contains(where: { $0.severity == .error }) else {
            throw AlreadyReported(description: "no file was written")
        }
        guard output != "-" else { return print(starter.text, terminator: "") }
        let temporary = "\(output).\(UInt32.random(in: 0 ... .max)).tmp"
        let isWritten = FileManager.default.createFile(
            atPath: temporary, contents: Data(starter.text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else {
            throw AlreadyReported(description: "could not write \(temporary): choose a folder that you may write to")
        }
        guard rename(temporary, output) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw AlreadyReported(description: "could not replace \(output): \(reason)")
        }
        Terminal.complain("wrote \(output)")
    }
}
