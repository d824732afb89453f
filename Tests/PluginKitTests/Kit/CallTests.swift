import PluginAPI
@testable import PluginKit
import Synchronization
import Testing

@Suite("Calls of the kit")
struct CallTests {
    @Test("What a plugin answers reaches the host")
    func answer() throws {
        let instance = try TestInstance(.echo())
        let call = instance.send(1, "hello")
        #expect(call.ending?.last == "hello")
        #expect(call.outcome == .ok)
    }

    @Test("A call that is let go without an answer ends as a defect, so that nobody waits for ever")
    func dropped() throws {
        let instance = try TestInstance(.echo())
        #expect(instance.send(1, "drop").outcome?.status == .internalError)
    }

    @Test("A second answer and what is emitted after the first do not reach the host")
    func twice() throws {
        let instance = try TestInstance(.echo())
        let call = instance.send(1, "twice")
        #expect(call.endings.count == 1)
        #expect(call.outcome == .ok)
        #expect(call.messages.isEmpty)
    }

    @Test("A cancellation reaches the call by its number; unknown numbers are ignored")
    func cancel() throws {
        let instance = try TestInstance(.echo())
        let call = instance.send(1, "wait")
        instance.cancel(TestCall())
        #expect(call.ending == nil)
        instance.cancel(call, .deadline)
        #expect(call.outcome == Outcome(.cancelled, "deadline"))
        instance.cancel(call, .shutdown)
        #expect(call.endings.count == 1)
    }

    @Test("Answers from many threads make one end")
    func race() async throws {
        let instance = try TestInstance(.echo())
        for _ in 0..<50 {
            let test = instance.send(1, "wait")
            let call = try #require(EchoBackend.kept.withLock { $0[test.id] })
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        call.emit(.message, Array("\(number)".utf8))
                        return call.resolve(Outcome(.ok, "\(number)"))
                    }
                }
                var ends = 0
                for await ended in group where ended { ends += 1 }
                #expect(ends == 1)
            }
            #expect(test.endings.count == 1)
        }
    }

    @Test("An end that is given while a message is handed over comes after it")
    func order() {
        let trace = OrderedDeliveryProbe().trace
        #expect(trace == ["offer now", "offer later", "finish later", "item 2", "end", "nothing", "offer never"])
    }
}

/// Drives the state machine of deliveries with values.
private struct OrderedDeliveryProbe {
    var trace: [String] = []
    init() {
        var delivery = OrderedDelivery<Int, String>()
        trace.append("offer \(delivery.offer { 1 })")
        trace.append("offer \(delivery.offer { 2 })")
        trace.append("finish \(delivery.finish { "end" })")
        var flow: Flow? = .go
        while true {
            switch delivery.next(after: flow) {
            case .item(let item): trace.append("item \(item)")
            case .end(let text):
                trace.append(text)
                flow = nil
            case .nothing:
                trace.append("nothing")
                trace.append("offer \(delivery.offer { 3 })")
                return
            }
        }
    }
}
