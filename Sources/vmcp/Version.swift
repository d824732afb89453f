import ArgumentParser
import Host

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() { print("vmcp \(GatewayVersion.current)") }
}
