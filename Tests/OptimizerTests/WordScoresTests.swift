import Testing

@testable import HostOptimizer

@Suite("Scores of words")
struct WordScoresTests {
    @Test("A word is looked up once until the catalogue changes")
    func once() {
        var scores = WordScores()
        for _ in 0..<3 { #expect(scores.of("tide") { [(4, 1.5)] }.map(\.position) == [4]) }
        #expect(scores.of("tide") { [(5, 1)] }.map(\.position) == [4])
        scores.forget()
        #expect(scores.of("tide") { [(5, 1)] }.map(\.position) == [5])
    }

    @Test("However many words are looked up, what is held is bounded")
    func bounded() {
        var scores = WordScores(limit: 100)
        for number in 0..<1_000 {
            let found = scores.of("word \(number)") { Array(repeating: (Int32(number), 1), count: number % 150) }
            #expect(found.count == number % 150)
            #expect(scores.held <= 100)
        }
        _ = scores.of(String(repeating: "long", count: 1_000)) { [] }
        #expect(scores.held <= 100)
    }

    @Test("What cannot be looked up is not taken for known")
    func failure() {
        struct Refusal: Error {}
        var scores = WordScores()
        #expect(throws: Refusal.self) { try scores.of("tide") { () throws -> WordScores.Found in throw Refusal() } }
        #expect(scores.of("tide") { [(1, 1)] }.count == 1)
    }
}
