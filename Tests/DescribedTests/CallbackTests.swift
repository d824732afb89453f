import Synchronization
import Testing

@testable import HostDescribed

@Suite("Callbacks of described functions")
struct CallbackTests {
    @Test("A callback's arguments are collected, up to the limit, where the library is told to stop")
    func collected() throws {
        let library = try Fixture.open()
        func item(_ number: Int64) -> Value {
            .record([
                Member("number", .integer(number)), Member("name", number % 2 == 1 ? .text("odd") : .null),
                Member("data", .bytes(Array("abc".utf8.prefix(Int(number % 4))))),
            ])
        }
        #expect(
            try library.call("count_to", ("limit", .integer(3))) == [Member("numbers", .list((0..<3).map(item)))])
        #expect(
            try library.call("count_to", ("limit", .integer(100)))
                == [Member("numbers", .list((0..<6).map(item))), Member("numbers_cut", .bool(true))])
        library.close()
    }

    @Test("A small integer comes back to the library as it was meant")
    func narrow() throws {
        let library = try Fixture.open()
        #expect(
            try library.call("ask_tiny") == [
                Member("result", .integer(-7)), Member("each", .list([.record([Member("number", .integer(-5))])])),
            ])
        library.close()
    }

    @Test("A callback may come from a thread of the library")
    func elsewhere() throws {
        let library = try Fixture.open()
        #expect(
            try library.call("call_elsewhere") == [Member("each", .list([.record([Member("number", .integer(42))])]))])
        library.close()
    }

    @Test("A callback after its scope is counted and does no harm")
    func late() throws {
        let library = try Fixture.open()
        _ = try library.call("keep_and_call", ("number", .integer(1)))
        for _ in 0..<3 { _ = try library.call("call_kept", ("number", .integer(2))) }
        #expect(library.runner.takeStrays() == 3)
        #expect(library.runner.takeStrays() == 0)
        library.close()
    }

    @Test("Callbacks of a handle tell until it is closed, and their closures are freed exactly once")
    func untilClose() throws {
        let told = Mutex<[Value]>([])
        var library: OpenLibrary<LoadedLibrary>? = try Fixture.open { name, value in
            if name == "watch" { told.withLock { $0.append(value) } }
        }
        _ = try library?.call("box_watch")
        _ = try library?.call("box_add", ("by", .integer(1)))
        _ = try library?.call("box_add", ("by", .integer(2)))
        #expect(told.withLock { $0 } == [11, 13].map { .record([Member("value", .integer($0))]) })
        let counter = try #require(library).runner.strays
        library?.close()
        #expect(counter.made.load(ordering: .relaxed) == 1 && counter.freed.load(ordering: .relaxed) == 0)
        library = nil
        #expect(counter.freed.load(ordering: .relaxed) == 1)
    }

    @Test("Closures are used again, and every one that was made is freed with the library")
    func freed() throws {
        let counter: StrayCounter
        do {
            let counted = StrayCounter()
            let description = CallbackDescription(name: "none")
            let site = try CallbackSite(description, constants: [:], strays: counted)
            for _ in 0..<1_000 {
                let cell = try site.cell(for: CallbackRun(description, onEvent: nil))
                site.retire(cell)
            }
            #expect(counted.made.load(ordering: .relaxed) < 20)
            #expect(counted.freed.load(ordering: .relaxed) == 0)
            counter = counted
        }
        #expect(counter.made.load(ordering: .relaxed) == counter.freed.load(ordering: .relaxed))
    }
}
