import PluginKit

/// The two tools of the server: `convert` and `list_units`.
struct UnitTools: Sendable {
    /// Digits after the decimal point in answers, 0 to 12.
    let digits: Int

    var all: [Tool] { [convert, listUnits] }

    private var convert: Tool {
        Tool(
            name: "convert", description: "Converts an amount from one unit into another of the same quantity.",
            inputSchema: [
                "type": "object", "additionalProperties": false, "required": ["value", "from", "to"],
                "properties": [
                    "value": ["type": "number"],
                    "from": ["type": "string", "enum": .array(Self.symbols)],
                    "to": ["type": "string", "enum": .array(Self.symbols)],
                ],
            ],
            annotations: ["readOnlyHint": true]
        ) { [digits] call in
            guard let value = call.arguments["value"]?.double else {
                throw ToolFailure("argument 'value': expected a number")
            }
            let from = try Self.unit(call.string("from"))
            let to = try Self.unit(call.string("to"))
            guard let result = from.convert(value, to: to) else {
                throw ToolFailure(
                    "\(from.symbol) measures \(from.quantity.rawValue), \(to.symbol) \(to.quantity.rawValue)")
            }
            return .text("\(value) \(from.symbol) = \(Self.rounded(result, digits)) \(to.symbol)")
        }
    }

    private var listUnits: Tool {
        Tool(
            name: "list_units", description: "Lists the units that convert knows.", annotations: ["readOnlyHint": true]
        ) { _ in
            let lines = MeasuringUnit.all.map { "\($0.symbol): \($0.name) (\($0.quantity.rawValue))" }
            return .text(lines.joined(separator: "\n"))
        }
    }

    private static let symbols = MeasuringUnit.all.map { JSONValue.string($0.symbol) }

    private static func unit(_ symbol: String) throws(ToolFailure) -> MeasuringUnit {
        guard let unit = MeasuringUnit.all.first(where: { $0.symbol == symbol }) else {
            throw ToolFailure("unknown unit '\(symbol)'; list_units lists those there are")
        }
        return unit
    }

    private static func rounded(_ value: Double, _ digits: Int) -> Double {
        var factor = 1.0
        for _ in 0..<digits { factor *= 10 }
        let scaled = (value * factor).rounded()
        // Beyond the range of exact whole numbers there are no digits left to round.
        return scaled.magnitude < 9_007_199_254_740_992 ? scaled / factor : value
    }
}
