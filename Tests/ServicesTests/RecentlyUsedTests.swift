import HostServices
import Testing

@Suite("The values used last")
struct RecentlyUsedTests {
    @Test("Behaves as a list in the order of use, whatever is done with it")
    func model() {
        var values = RecentlyUsed<Int, Int>(capacity: 8)
        // Newest last: what it must behave like.
        var model: [(key: Int, value: Int)] = []
        var generator = SystemRandomNumberGenerator()
        for step in 0..<20_000 {
            let key = Int.random(in: 0..<14, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                values.set(step, for: key)
                model.removeAll { $0.key == key }
                model.append((key, step))
                if model.count > 8 { model.removeFirst() }
            case 2:
                let expected = model.first { $0.key == key }
                model.removeAll { $0.key == key }
                if let expected { model.append(expected) }
                #expect(values.value(of: key) == expected?.value)
            default:
                #expect(values.remove(key) == model.first { $0.key == key }?.value)
                model.removeAll { $0.key == key }
            }
            guard values.count == model.count else {
                Issue.record("expected \(model.count) values after step \(step), found \(values.count)")
                return
            }
        }
        for entry in model { #expect(values.peek(entry.key) == entry.value) }
    }
}
