/// Values by key, bounded: when there are too many, the one unused for longest goes.
///
/// Every operation takes constant time. The places are links of a list from the newest to the oldest use. Inlinable, so that
/// other modules get it made for their types.
package struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline
    struct Slot {
        @usableFromInline var key: Key
        @usableFromInline var value: Value
        @usableFromInline var newer: Int
        @usableFromInline var older: Int

        @usableFromInline
        init(key: Key, value: Value, newer: Int, older: Int) {
            (self.key, self.value, self.newer, self.older) = (key, value, newer, older)
        }
    }

    /// No slot.
    @inlinable static var none: Int { -1 }

    @usableFromInline var slots: [Slot] = []
    @usableFromInline var places: [Key: Int] = [:]
    @usableFromInline var newest = -1
    @usableFromInline var oldest = -1
    /// Most values, 1 or more.
    package let capacity: Int

    package init(capacity: Int) { self.capacity = max(1, capacity) }

    @inlinable
    package var count: Int { places.count }

    /// The value of a key, which counts as its use.
    @inlinable
    package mutating func value(of key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        if place != newest {
            unlink(place)
            link(place)
        }
        return slots[place].value
    }

    /// The value of a key, which does not count as its use.
    @inlinable
    package func peek(_ key: Key) -> Value? { places[key].map { slots[$0].value } }

    /// Sets the value of a key, which counts as its use.
    @inlinable
    package mutating func set(_ value: Value, for key: Key) {
        if let place = places[key] {
            slots[place].value = value
            unlink(place)
            link(place)
        } else if places.count < capacity {
            slots.append(Slot(key: key, value: value, newer: Self.none, older: Self.none))
            places[key] = slots.count - 1
            link(slots.count - 1)
        } else {
            let place = oldest
            places[slots[place].key] = nil
            unlink(place)
            slots[place].key = key
            slots[place].value = value
            places[key] = place
            link(place)
        }
    }

    @inlinable
    @discardableResult
    package mutating func remove(_ key: Key) -> Value? {
        guard let place = places.removeValue(forKey: key) else { return nil }
        unlink(place)
        let removed = slots[place].value
        // The last slot takes the place, so that there are no holes.
        let last = slots.count - 1
        if place != last {
            slots[place] = slots[last]
            places[slots[place].key] = place
            if slots[place].newer == Self.none { newest = place } else { slots[slots[place].newer].older = place }
            if slots[place].older == Self.none { oldest = place } else { slots[slots[place].older].newer = place }
        }
        slots.removeLast()
        return removed
    }

    package mutating func removeAll() { self = RecentlyUsed(capacity: capacity) }

    @inlinable
    mutating func link(_ place: Int) {
        slots[place].newer = Self.none
        slots[place].older = newest
        if newest == Self.none { oldest = place } else { slots[newest].newer = place }
        newest = place
    }

    @inlinable
    mutating func unlink(_ place: Int) {
        let (newer, older) = (slots[place].newer, slots[place].older)
        if newer == Self.none { newest = older } else { slots[newer].older = older }
        if older == Self.none { oldest = newer } else { slots[older].newer = newer }
    }
}
