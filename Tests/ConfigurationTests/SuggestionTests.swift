import Testing

@testable import HostConfiguration

@Suite("Suggestions")
struct SuggestionTests {
    @Test(
        "A misspelt word is answered with the nearest one, and a strange word with none",
        arguments: [
            ("agregation", "aggregation"), ("remoteURL", "remoteUrl"), ("trasnport", "transport"), ("zzz", nil),
        ] as [(String, String?)])
    func closest(word: String, expected: String?) {
        #expect(Suggestion.closest(to: word, among: ["aggregation", "remoteUrl", "transport", "name"]) == expected)
    }
}
