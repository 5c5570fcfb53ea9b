/**
 * The way to one broker: one wire at a time, opened when it is needed and again when it broke, its
 * login renewed when that is due.
 *
 * Whoever calls `ready` in some order goes on in that order: all wait for the same promise, or for
 * a later one.
 */
import type { Wire } from './wire.ts'

export interface BrokerLink {
  ready(): Promise<Wire>
  /** Connected at the moment. */
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
