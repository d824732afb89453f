/// A unit of measure, and how it relates to the base unit of its quantity.
struct MeasuringUnit: Sendable {
    /// What is measured; only units of one quantity can be converted into each other.
    enum Quantity: String, Sendable, CaseIterable { case length, mass, temperature }

    let symbol: String
    let name: String
    let quantity: Quantity
    /// base = value × scale + offset; metre, kilogram and kelvin are the base units.
    let scale: Double
    var offset = 0.0

    /// The same amount in another unit, or `nil` when that measures something else.
    func convert(_ value: Double, to other: MeasuringUnit) -> Double? {
        guard quantity == other.quantity else { return nil }
        return (value * scale + offset - other.offset) / other.scale
    }

    /// All units, by their symbol, which is unique.
    static let all: [MeasuringUnit] = [
        MeasuringUnit(symbol: "m", name: "metre", quantity: .length, scale: 1),
        MeasuringUnit(symbol: "km", name: "kilometre", quantity: .length, scale: 1000),
        MeasuringUnit(symbol: "cm", name: "centimetre", quantity: .length, scale: 0.01),
        MeasuringUnit(symbol: "in", name: "inch", quantity: .length, scale: 0.0254),
        MeasuringUnit(symbol: "ft", name: "foot", quantity: .length, scale: 0.3048),
        MeasuringUnit(symbol: "mi", name: "mile", quantity: .length, scale: 1609.344),
        MeasuringUnit(symbol: "nmi", name: "nautical mile", quantity: .length, scale: 1852),
        MeasuringUnit(symbol: "kg", name: "kilogram", quantity: .mass, scale: 1),
        MeasuringUnit(symbol: "g", name: "gram", quantity: .mass, scale: 0.001),
        MeasuringUnit(symbol: "lb", name: "pound", quantity: .mass, scale: 0.45359237),
        MeasuringUnit(symbol: "oz", name: "ounce", quantity: .mass, scale: 0.028349523125),
        MeasuringUnit(symbol: "K", name: "kelvin", quantity: .temperature, scale: 1),
        MeasuringUnit(symbol: "C", name: "degree Celsius", quantity: .temperature, scale: 1, offset: 273.15),
        MeasuringUnit(
            symbol: "F", name: "degree Fahrenheit", quantity: .temperature, scale: 5 / 9, offset: 45967 / 180),
    ]
}
