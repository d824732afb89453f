import Testing

@testable import HostDescribed

@Suite("Rules on threads")
struct ThreadTests {
    /// Calls from many tasks at a time.
    private func crowd(_ library: OpenLibrary<LoadedLibrary>, _ function: String) async -> Set<String> {
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<24 {
                group.addTask {
                    do throws(CallFailure) { return try library.call(function).first?.value.line ?? "" } catch {
                        return error.message
                    }
                }
            }
            return await group.reduce(into: []) { $0.insert($1) }
        }
    }

    @Test("A serial library never has two calls at a time", arguments: ["serial", "dedicated"])
    func serial(rule: String) async throws {
        let library = try Fixture.open(threads: rule)
        #expect(await crowd(library, "crowd") == ["1"])
        library.close()
    }

    @Test("A dedicated library gets all calls on one thread")
    func dedicated() async throws {
        let library = try Fixture.open(threads: "dedicated")
        #expect(await crowd(library, "same_thread") == ["1"])
        library.close()
    }

    @Test("A call that nobody waits for any more is not made")
    func abandoned() throws {
        let library = try Fixture.open()
        #expect(throws: CallFailure(.abandoned, "nobody waits for 'box_add' any more")) {
            try library.runner.call(
                library.instance, "box_add", [Member("by", .integer(1))], CallTerms(isAbandoned: { true }))
        }
        #expect(try library.call("box_add", ("by", .integer(0))) == [Member("result", .integer(10))])
        library.close()
    }
}
