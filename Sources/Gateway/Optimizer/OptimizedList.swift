/// The tool list with the optimizer: its two tools, and the pinned ones.
enum OptimizedList {
    /// A pinned tool that has the name of one of the two is left out: `call_tool` reaches it.
    static func shelf(pinned: Set<String>, of all: Shelf) -> Shelf {
        let own = OptimizerTools.items
        let beside = all.items.filter { item in
            pinned.contains(item.name) && !own.contains { $0.name == item.name }
        }
        return Shelf(.tools, own + beside)
    }
}
