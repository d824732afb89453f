/// Words that say nothing about a tool.
enum StopWords {
    /// English words that stand in every request, and the verbs of asking: nobody who writes "help me find" means a tool
    /// that helps or finds. Lower case.
    static let english: Set<String> = set(
        """
        a about above after again against all also am an and any are as at be because been before being below between \
        both but by can could did do does doing done down during each few find for from further get give had has have \
        having he help helps her here hers him his how i if in into is it its itself just know let like looking me more \
        most my myself need needs no nor not now of off on once only or other our ours out over own please same she \
        should show so some such tell than that the their theirs them then there these they this those through to too \
        under until up us use used using very want was we were what when where which while who whom why will with would \
        you your yours
        """)

    /// Words of tool definitions that the reference drops from its keyword search.
    static let reference: Set<String> = set(
        """
        name description schema input output type properties required title id tool server meta data content text value \
        field column table index key primary
        """)

    private static func set(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }
}
