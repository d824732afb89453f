/// The definitions of the two tools that clients see.
enum OptimizerTools {
    /// As items of a list, in the form of what backends offer.
    static let items: [NamedItem] = [item(CallTool.name, callTool), item(FindTool.name, findTool)]

    private static func item(_ name: String, _ text: String) -> NamedItem {
        let json = Array(text.utf8)
        let quoted = JSONText.quote(name)
        // Each definition begins with its name.
        let start = "{\"name\":".utf8.count
        return NamedItem(
            item: OfferedItem(
                backend: Catalog.ownBackend, originalName: name, name: name,
                object: JSONSlice(base: json, range: 0..<json.count), nameRange: start..<(start + quoted.count),
                descriptionRange: nil, annotationsRange: nil, requiresTask: false, override: nil),
            name: name)
    }

    private static let findTool = """
        {"name":"find_tool","description":"Find tools that can do a task. Searches the tools of all connected servers by what \
        they are for and by keywords, and returns the best matches, best first, with their names, descriptions and input \
        schemas, so that call_tool can run them, and with token_metrics: what the search saved. Use it first: before calling \
        anything, and before saying that something cannot be done. A request for several things may be written in one \
        description, a sentence each.","inputSchema":{"type":"object","properties":{"tool_description":{"type":"string",\
        "description":"What is to be done, in natural language, such as 'create an issue in a repository' or 'weather forecast \
        for a city'. Compared with what tools are for."},"tool_keywords":{"type":"array","items":{"type":"string"},\
        "description":"Optional words that are likely to stand in the tool's name or description, such as a product, a format \
        or a verb: ['github', 'issue']."}},"required":["tool_description"]},\
        "annotations":{"title":"Find tools","readOnlyHint":true,"openWorldHint":false}}
        """

    private static let callTool = """
        {"name":"call_tool","description":"Run a tool that find_tool returned. Give its name and the arguments that its input \
        schema asks for; the answer is that of the tool itself. Always use find_tool first to learn the name and the \
        schema.","inputSchema":{"type":"object","properties":{"tool_name":{"type":"string","description":"The name of the tool, \
        exactly as find_tool returned it."},"parameters":{"type":"object","description":"The arguments of the tool, as its \
        inputSchema describes them; {} when it has none."}},"required":["tool_name","parameters"]},\
        "annotations":{"title":"Call a tool"}}
        """
}
