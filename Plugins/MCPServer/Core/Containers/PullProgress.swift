import PluginKit

/// How far the engine is with fetching an image, from the lines it writes about it. A value without I/O.
package struct PullProgress: Sendable {
    private var layers: [String: (done: Int, total: Int)] = [:]
    private var finished: Set<String> = []
    /// Why the image cannot be had.
    package private(set) var failure: String?

    package init() {}

    /// Takes a line of the answer to `POST /images/create`; what is no JSON is left out.
    package mutating func take(line: [UInt8]) {
        let value: JSONValue
        do throws(PluginError) { value = try JSONValue(json: line) } catch { return }
        if let error = value["error"]?.string ?? value["errorDetail"]?["message"]?.string { failure = error }
        guard let layer = value["id"]?.string else { return }
        if let done = value["progressDetail"]?["current"]?.integer,
            let total = value["progressDetail"]?["total"]?.integer, total > 0, value["status"]?.string == "Downloading"
        {
            layers[layer] = (done, total)
        }
        if let status = value["status"]?.string,
            ["Download complete", "Pull complete", "Already exists"].contains(status)
        {
            finished.insert(layer)
            if let total = layers[layer]?.total { layers[layer] = (total, total) }
        } else if value["status"]?.string == "Pulling fs layer", layers[layer] == nil {
            layers[layer] = (0, 0)
        }
    }

    /// For people: `12.5 of 40.0 MB, 2 of 5 layers`.
    package var summary: String {
        let done = layers.values.reduce(0) { $0 + $1.done }
        let total = layers.values.reduce(0) { $0 + $1.total }
        let count = max(layers.count, finished.count)
        let parts = "\(finished.count) of \(count) layers"
        return total > 0 ? "\(Self.megabytes(done)) of \(Self.megabytes(total)) MB, \(parts)" : parts
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
