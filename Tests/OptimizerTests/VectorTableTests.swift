import Testing

@testable import HostOptimizer

@Suite("Vectors of tools")
struct VectorTableTests {
    @Test("Similarity is the cosine, for any number of dimensions", arguments: [1, 2, 15, 16, 17, 384, 1_000])
    func cosine(dimensions: Int) {
        var table = VectorTable(dimensions: dimensions, count: 3)
        let first = (0..<dimensions).map { Float($0 % 7) - 2.5 }
        table.set(first, at: 0)
        table.set(first.map { -3 * $0 }, at: 2)
        let found = table.similarities(to: [VectorTable.unit(first), VectorTable.unit(first.map { 5 * $0 })])
        for similarities in found {
            #expect(abs(similarities[0] - 1) < 1e-5)
            #expect(similarities[1].isNaN)
            #expect(abs(similarities[2] + 1) < 1e-5)
        }
    }

    @Test("A zero vector is like nothing; one of other dimensions is left out")
    func odd() {
        var table = VectorTable(dimensions: 2, count: 2)
        table.set([0, 0], at: 0)
        table.set([1, 2, 3], at: 1)
        #expect(table.has(0) && !table.has(1))
        #expect(table.similarities(to: [[1, 0]])[0][0] == 0)
    }
}
