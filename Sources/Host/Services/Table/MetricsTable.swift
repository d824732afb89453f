import PluginAPI

/// `vmcp.metrics/1`.
enum MetricsTable {
    static let table = vmcp_metrics(
        struct_size: UInt32(MemoryLayout<vmcp_metrics>.size), reserved: 0,
        record: { host, kind, name, value, labels, count in
            guard let instance = HostTable.instance(of: host), let kind = MetricsRegistry.Kind(rawValue: kind),
                let name = name.exactText, let given = PluginInput.fields(labels, count)
            else { return }
            var labels = ["plugin": instance.label.plugin, "resource": instance.label.name]
            // The host's own labels win: a plugin cannot speak for another.
            for label in given where labels[label.name] == nil { labels[label.name] = label.value }
            instance.hub.metrics.record(kind, .init(name: name, labels: labels), value)
        })
}
