import GRDB

/// The words of the tools in SQLite's FTS5, in memory: rows by number, scored by bm25 with equal weights.
struct KeywordIndex: Sendable {
    private let database: DatabaseQueue
    private let columns: [String]

    /// - Parameter columns: How many texts a row has.
    init(columns count: Int) throws {
        columns = (0..<count).map { "c\($0)" }
        database = try DatabaseQueue()
        try database.write { [columns] database in
            try database.execute(
                sql: """
                    CREATE VIRTUAL TABLE tools USING fts5(\(columns.joined(separator: ", ")), tokenize = 'porter unicode61')
                    """)
        }
    }

    /// Changes rows, and does what has to happen in the same step.
    func change(
        removing removed: [Int64], adding added: [(row: Int64, texts: [String])],
        then done: @escaping @Sendable () -> Void
    ) async throws {
        try await database.write { [columns] database in
            let delete = try database.cachedStatement(sql: "DELETE FROM tools WHERE rowid = ?")
            for row in removed { try delete.execute(arguments: [row]) }
            let names = columns.joined(separator: ", ")
            let marks = columns.map { _ in "?" }.joined(separator: ", ")
            let insert = try database.cachedStatement(sql: "INSERT INTO tools (rowid, \(names)) VALUES (?, \(marks))")
            for (row, texts) in added {
                try insert.execute(arguments: StatementArguments([row]) + StatementArguments(texts.map(Self.clean)))
            }
            done()
        }
    }

    /// Looks things up; nothing changes meanwhile.
    func search<Found: Sendable>(_ body: @escaping @Sendable (Lookup) throws -> Found) async throws -> Found {
        try await database.read { database in try body(Lookup(database: database)) }
    }

    struct Lookup {
        fileprivate let database: Database

        /// The rows that match, in no order, with −bm25: higher is better.
        func scores(_ match: String) throws -> [(row: Int64, score: Double)] {
            let statement = try database.cachedStatement(
                sql: "SELECT rowid, bm25(tools) FROM tools WHERE tools MATCH ?")
            var found: [(row: Int64, score: Double)] = []
            let rows = try Row.fetchCursor(statement, arguments: [match])
            while let row = try rows.next() { found.append((row[0], -(row[1] as Double))) }
            return found
        }
    }

    /// A null byte ends a text in SQLite.
    private static func clean(_ text: String) -> String {
        text.utf8.contains(0) ? String(decoding: text.utf8.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self) : text
    }
}
