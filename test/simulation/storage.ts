/**
 * One simulated disk, shared by all owners of a job, and for each a CheckpointStorage on it: slow, full or broken now and then.
 *
 *   put:  ... latency ... [whole, or not at all] ... latency, sync ... [durable] resolves
 *
 * A disk that keeps its promises fails only in ways that a put admits. One that does not ("lying") may store bytes that are damaged, or
 * lose what it has confirmed: no job can go on then, and it must say so instead of guessing.
 */
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import type { Agenda } from './core/agenda.ts'
import type { Process } from './core/process.ts'
import type { Random } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import type { Trace } from './core/trace.ts'

export interface DiskRates {
  /** EIO or ENOSPC, before or after the write. */
  fail: number
  /** Up to two seconds. */
  slow: number
  /** Lying: some bytes are not the ones that were given. */
  torn: number
  /** Lying: confirmed, and gone. */
  lost: number
}

export interface Disk {
  readonly rates: DiskRates
  /** What is there now. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Everything that was ever put. */
  readonly archive: ReadonlyMap<string, Uint8Array>
  storageFor(process: Process): CheckpointStorage
  /** How much longer it takes until a write is durable, ms. */
  syncTime: () => number
  /** Calls at each file that is there and not yet durable, until it answers true. */
  onWritten(listener: () => boolean): void
  /** Of what is not durable, `loses` decides; what was asked of the disk is forgotten. */
  powerCut(loses: () => boolean): void
  /** No more faults but those of the rates. */
  heal(): void
}

/** @param inline of its storages */
export function disk(rxweft: Rxweft, agenda: Agenda, random: Random, trace: Trace, inline: number): Disk {
  const rates: DiskRates = { fail: 0, slow: 0, torn: 0, lost: 0 }
  const files = new Map<string, Uint8Array>()
  const archive = new Map<string, Uint8Array>()
  const unsynced = new Set<string>()
  const listeners = new Set<() => boolean>()
  let cuts = 0
  const delay = (): number => (random.chance(rates.slow) ? random.between(50, 2_000) : random.between(0, 4))

  function storageFor(process: Process): CheckpointStorage {
    /** `act` happens even if the process is killed meanwhile: the system has the request. */
    function operation<A>(what: string, act: () => A, written?: string): Promise<A> {
      return new Promise((resolve, reject) => {
        process.send(() => {
          const before = cuts
          agenda.after(delay(), () => {
            if (cuts !== before) return
            if (process.state === 'dead' && random.chance(0.5)) return
            const outcome = random.chance(rates.fail) ? random.pick(failures) : null
            if (outcome !== null) trace.note(() => `${process.name}: ${what}: ${outcome}`)
            const done = outcome === 'EIO, not done' || outcome === 'ENOSPC' ? undefined : attempt(act)
            const result = outcome === null ? done : { thrown: ioError(outcome) }
            const sync = written === undefined ? 0 : self.syncTime()
            agenda.after(delay() + sync, () => {
              if (cuts !== before) return
              // Whose sync has failed has written it, and no more; that a key is taken is said of what is durable.
              if (outcome === null && written !== undefined) unsynced.delete(written)
              process.receive(() => settle(result as Result<A>, resolve, reject))
            })
          })
        })
      })
    }

    function put(key: string, bytes: Uint8Array): void {
      if (files.has(key)) throw rxweft['checkpoint/storageKey'].keyExists(key, 'the simulated disk')
      const stored = random.chance(rates.torn) ? torn(bytes, random) : Uint8Array.from(bytes)
      archive.set(key, Uint8Array.from(bytes))
      if (random.chance(rates.lost)) return
      files.set(key, stored)
      unsynced.add(key)
      for (const listener of listeners) if (listener()) listeners.delete(listener)
    }

    return {
      ...{ place: 'the simulated disk', inline },
      put: (key, bytes) => operation(`put ${key}`, () => put(key, bytes), key),
      get: (key) => operation(`get ${key}`, () => files.get(key) ?? null),
      list: (prefix) =>
        operation(`list ${prefix}`, () => [...files.keys()].filter((key) => key.startsWith(prefix)).sort()),
      remove: (key) => operation(`remove ${key}`, () => void files.delete(key)),
    }
  }

  const ioError = (outcome: string) => new rxweft.errors.RetriableError('STORAGE_IO', outcome)
  const self: Disk = {
    ...{ rates, files, archive, storageFor, syncTime: () => 0 },
    onWritten: (listener) => void listeners.add(listener),
    powerCut(loses) {
      cuts += 1
      const lost = [...unsynced].filter(loses)
      for (const key of lost) files.delete(key)
      unsynced.clear()
      trace.note(() => `disk: ${lost.length === 0 ? 'nothing' : lost.join(', ')} lost with the power`)
    },
    heal: () => undefined,
  }
  return self
}

const failures = ['EIO, not done', 'EIO, done all the same', 'ENOSPC'] as const

type Result<A> = { readonly value: A } | { readonly thrown: unknown }

function attempt<A>(act: () => A): Result<A> {
  try {
    return { value: act() }
  } catch (thrown) {
    return { thrown }
  }
}

function settle<A>(result: Result<A>, resolve: (value: A) => void, reject: (thrown: unknown) => void): void {
  if ('thrown' in result) reject(result.thrown)
  else resolve(result.value)
}

/** One digit of what a file says has become another one: the damage that only a checksum can tell. */
function torn(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const body = copy.indexOf(0x0a) + 1
  const digits = [...copy.keys()].filter((at) => at >= body && isDigit(copy[at] as number))
  const at = digits.length === 0 ? copy.length - 1 : random.pick(digits)
  copy[at] = 0x30 + (((copy[at] as number) - 0x30 + 1) % 10)
  return copy
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
