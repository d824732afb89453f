/// The backends of the gateway, and those that are about to take their places: a value.
struct BackendGroup {
    /// A backend with all that belongs to it.
    struct Member: Sendable {
        let supervisor: BackendSupervisor
        let seat: BackendSeat
        /// What keeps it in the catalogue; `nil` before it is started.
        var run: Task<Void, Never>?

        var backend: Backend { supervisor.backend }

        /// Whether it is what another configuration wants, up to what can be changed under way.
        func fits(_ descriptor: BackendDescriptor, _ fingerprint: [UInt8]) -> Bool {
            backend.descriptor.fits(descriptor) && backend.starterFingerprint == fingerprint
        }
    }

    /// Those that calls go to, by name.
    var members: [String: Member] = [:]
    /// Those that are started in the stead of a member and have not answered yet.
    var successors: [String: Member] = [:]
    /// That of the backends made last; those of the start are of generation 0.
    var generation: UInt64 = 0

    /// What another configuration makes of the group.
    struct Plan {
        /// Started anew: backends that were not there, or not so.
        var made: [(descriptor: BackendDescriptor, starter: any BackendStarter)] = []
        /// Stay as they are but for what holds for each call anew.
        var kept: [BackendDescriptor] = []
        /// Are no part of it any more.
        var removed: Set<String> = []
        /// Successors that are wanted no more.
        var unwanted: Set<String> = []
    }

    func plan(_ wanted: [(BackendDescriptor, any BackendStarter)]) -> Plan {
        var plan = Plan()
        for (descriptor, starter) in wanted {
            let fingerprint = starter.fingerprint
            if members[descriptor.name]?.fits(descriptor, fingerprint) == true {
                plan.kept.append(descriptor)
                if successors[descriptor.name] != nil { plan.unwanted.insert(descriptor.name) }
            } else if successors[descriptor.name]?.fits(descriptor, fingerprint) == true {
                plan.kept.append(descriptor)
            } else {
                plan.made.append((descriptor, starter))
                if successors[descriptor.name] != nil { plan.unwanted.insert(descriptor.name) }
            }
        }
        let names = Set(wanted.map(\.0.name))
        plan.removed = Set(members.keys).subtracting(names)
        plan.unwanted.formUnion(Set(successors.keys).subtracting(names))
        return plan
    }
}
