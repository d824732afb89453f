import HostPlugins

extension InstanceTiming {
    /// Limits that only a defect reaches, however busy the machine is.
    static let patient = InstanceTiming(start: 120_000, grace: 120_000)
}
