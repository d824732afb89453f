/// Turns `operational` into settings.
enum OperationalReading {
    static func settings(_ operational: Located?) -> OperationalSettings {
        let top = Reading(operational, VMCPDocumentSchema.operational)
        let failure = Reading(operational, VMCPDocumentSchema.operational, "failureHandling")
        let timeouts = Reading(operational, VMCPDocumentSchema.operational, "timeouts")
        var settings = OperationalSettings()
        settings.defaultTimeout = timeouts.duration("default") ?? settings.defaultTimeout
        settings.connectTimeout = timeouts.duration("connect")
        for (name, value) in timeouts.value?["perWorkload"]?.entries ?? [] {
            settings.timeouts[name] = value.duration
        }
        if let retries = operational?["retries"] {
            settings.defaultRetries = retries["default"]?.integer ?? settings.defaultRetries
            for (name, value) in retries["perWorkload"]?.entries ?? [] { settings.retries[name] = value.integer }
        }
        settings.partialFailureMode = failure.choice("partialFailureMode") ?? .bestEffort
        settings.healthCheckInterval = failure.duration("healthCheckInterval") ?? settings.healthCheckInterval
        settings.healthCheckTimeout = failure.duration("healthCheckTimeout") ?? settings.healthCheckTimeout
        settings.unhealthyThreshold = failure.integer("unhealthyThreshold") ?? settings.unhealthyThreshold
        settings.healthChecksRemotes = failure.value?["healthCheckRemotes"]?.boolean ?? true
        if let breaker = failure.value?["circuitBreaker"], breaker["enabled"]?.boolean == true {
            var own = OperationalSettings.CircuitBreaker()
            own.failureThreshold = breaker["failureThreshold"]?.integer ?? own.failureThreshold
            own.timeout = breaker["timeout"]?.duration ?? own.timeout
            settings.circuitBreaker = own
        }
        settings.statusReportingInterval =
            failure.duration("statusReportingInterval") ?? settings.statusReportingInterval
        for limit in Limit.allCases { settings.limits[limit] = operational?.at("limits", limit.rawValue)?.integer }
        settings.logsDebug = top.text("logLevel") == "debug"
        return settings
    }
}
