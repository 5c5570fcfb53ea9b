/** A pane is the state of one window of one key. */
import { Buffer } from 'node:buffer'
import type { Key } from '../../record.ts'
import type { Serde } from '../../serde/serde.ts'
import type { MapTable } from '../../state/mapTable.ts'
import type { TableSpec } from '../../state/table.ts'

/** State of a window, changed in place between `get` and `set` of its table. */
export interface Pane<A> {
  /**
   * Under which the table has it: its `start` when it was made, if that was free. A session that
   * grows and merges keeps it.
   */
  readonly name: number
  start: number
  end: number
  /** Accumulated contents; undefined before the first record and after a purge. */
  contents: A | undefined
  /** Highest event time that went into the contents, ms; -Infinity: none. */
  latest: number
  /** For a count trigger: number of records since it fired. */
  count: number
  /** For an early trigger: when it fires, ms of the clock; Infinity if there is nothing new. */
  early: number
  /**
   * The timer that this pane waits for, of event time or of the clock; Infinity: none. Others of
   * its key are not its business.
   */
  timer: number
}

export function newPane<A>(name: number, start: number, end: number): Pane<A> {
  return { name, start, end, contents: undefined, latest: -Infinity, count: 0, early: Infinity, timer: Infinity }
}

/**
 * Finds the pane of a window of fixed size, or makes one.
 *
 * A pane of this start and another size is of a former version of the job: both live on, as in
 * Flink, the new one under a name that no start is.
 */
export function paneOf<K extends Key, A>(
  table: MapTable<K, number, Pane<A>>,
  key: K,
  start: number,
  end: number,
): Pane<A> {
  const pane = table.get(key, start)
  if (pane?.end === end) return pane
  const name = end - 0.5
  return table.get(key, name) ?? newPane(pane === undefined ? start : name, start, end)
}

/** @param spec description of the contents */
export function paneSpec<A>({ serde, version, migrate = {} }: TableSpec<A>): TableSpec<Pane<A>> {
  const upgrades = Object.entries(migrate).map(([from, upgrade]) => [from, paneUpgrade(upgrade)] as const)
  return {
    serde: {
      encode: (pane) => encodePane(pane, serde),
      decode: (bytes) => decodePane(bytes, (inner) => serde.decode(inner)),
      parse: (bytes) =>
        decodePane(bytes, (inner) => (serde.parse === undefined ? serde.decode(inner) : serde.parse(inner))),
    },
    version,
    migrate: Object.fromEntries(upgrades),
  }
}

/**
 * Flags of the parts that follow the first byte, after start, end and timer, in this order;
 * contents that are null have no bytes.
 */
const has = { contents: 1, bytes: 2, name: 4, count: 8, early: 16, latest: 32 }

function encodePane<A>(pane: Pane<A>, serde: Serde<A>): Uint8Array {
  const { name, start, end, contents, latest, count, early, timer } = pane
  const inner = contents === undefined ? null : serde.encode(contents)
  const numbers = [start, end, timer]
  let flags = (contents === undefined ? 0 : has.contents) | (inner === null ? 0 : has.bytes)
  const put = (flag: number, value: number): void => {
    flags |= flag
    numbers.push(value)
  }
  if (name !== start) put(has.name, name)
  if (count > 0) put(has.count, count)
  if (early < Infinity) put(has.early, early)
  if (latest > -Infinity) put(has.latest, latest)
  const bytes = Buffer.allocUnsafe(1 + 8 * numbers.length + (inner?.length ?? 0))
  let at = bytes.writeUInt8(flags)
  for (const number of numbers) at = bytes.writeDoubleBE(number, at)
  if (inner !== null) bytes.set(inner, at)
  return bytes
}

/** Decodes a pane; throws TypeError or RangeError on other bytes. */
function decodePane<A>(bytes: Buffer | null, decode: (inner: Buffer | null) => A): Pane<A> {
  if (bytes === null) throw new TypeError('the bytes are not a window')
  const flags = bytes.readUInt8(0)
  let at = 1
  const next = (): number => {
    at += 8
    return bytes.readDoubleBE(at - 8)
  }
  const [start, end, timer] = [next(), next(), next()]
  const pane = newPane<A>(flags & has.name ? next() : start, start, end)
  pane.timer = timer
  if (flags & has.count) pane.count = next()
  if (flags & has.early) pane.early = next()
  if (flags & has.latest) pane.latest = next()
  // Snapshots of earlier versions lack it; no record of the window is older than its start.
  else if (flags & has.contents) pane.latest = start
  if (flags & has.contents) pane.contents = decode(flags & has.bytes ? bytes.subarray(at) : null)
  return pane
}

function paneUpgrade(upgrade: (old: never) => unknown) {
  return (pane: Pane<never>): Pane<unknown> => {
    return pane.contents === undefined ? pane : { ...pane, contents: upgrade(pane.contents) }
  }
}
