import Foundation
import HostDescribed

/// Times calls of a library that does next to nothing: what is left is what describing costs.
struct CallBenchmark {
    let description: String
    let library: String
    private let rounds = 20_000

    func run() throws {
        let text = try String(contentsOfFile: description, encoding: .utf8)
        let loaded = try LoadedLibrary(try LibraryDescription(parsing: text), at: library)
        let child = ChildLibrary(launch: ChildLaunch(text: text, library: library))
        let numbers = [Member("a", .integer(1)), Member("b", .integer(2))]
        let here = try loaded.open([:])
        let there = try child.open([:])
        let answer = try loaded.call(here, "direct", [Member("rounds", .integer(10_000_000))], CallTerms()).first?.value
        guard case .real(let direct)? = answer else { return }
        print("| call | µs |\n| --- | ---: |")
        line("direct, from C", direct / 1_000)
        line("described", try time { try loaded.call(here, "add", numbers, CallTerms()) })
        let number = [Member("number", .integer(1))]
        line("described, with a callback", try time { try loaded.call(here, "call_back", number, CallTerms()) })
        line("described, in a child process", try time { try child.call(there, "add", numbers, CallTerms()) })
        child.close(there)
        loaded.close(here)
    }

    /// Microseconds a call: the best of five runs, since others use the machine too.
    private func time(_ body: () throws -> [Member]) throws -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let start = ContinuousClock.now
            for _ in 0..<rounds { _ = try body() }
            let elapsed = start.duration(to: .now)
            let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
            best = min(best, seconds * 1e6 / Double(rounds))
        }
        return best
    }

    private func line(_ what: String, _ microseconds: Double) {
        print("| \(what) | \(String(format: "%.3f", microseconds)) |")
    }
}
