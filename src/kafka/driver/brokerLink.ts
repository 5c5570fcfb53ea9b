/**
 * The link to one broker: one wire at a time, opened on demand, reopened after a break, its login
 * renewed when due.
 *
 * Callers of `ready` continue in the order of their calls: all wait for the same promise, or for a
 * later one.
 */
import type { Wire } from './wire.ts'

export interface BrokerLink {
  ready(): Promise<Wire>
  /** True while connected. */
  readonly open: boolean
}

export function brokerLink(openWire: () => Promise<Wire>): BrokerLink {
  let current: Promise<Wire> | null = null
  let wire: Wire | null = null

  function replace(next: Promise<Wire>): Promise<Wire> {
    current = next
    wire = null
    next.then(
      (opened) => {
        wire = opened
      },
      () => {
        current = null
      },
    )
    return next
  }

  return {
    ready() {
      if (current === null || wire?.alive === false) return replace(openWire())
      if (wire?.loginDue) return replace(loggedIn(wire))
      return current
    },
    get open() {
      return wire?.alive === true
    },
  }
}

async function loggedIn(wire: Wire): Promise<Wire> {
  await wire.login()
  return wire
}
