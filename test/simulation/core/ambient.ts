/**
 * What the code under test takes from its surroundings, for the duration of a run: Math.random and randomUUID are seeded, and
 * setImmediate is the agenda's. One run at a time. Errors have no stack meanwhile: a run makes many, and nobody looks at them.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Agenda } from './agenda.ts'
import type { Random } from './random.ts'

const real = { random: Math.random, uuid: crypto.randomUUID, immediate: globalThis.setImmediate }
let current: { readonly random: Random; readonly agenda: Agenda } | null = null
let installed = false

export async function withAmbient<A>(random: Random, agenda: Agenda, run: () => Promise<A>): Promise<A> {
  install()
  const depth = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  current = { random, agenda }
  globalThis.setImmediate = onAgenda(agenda)
  try {
    return await run()
  } finally {
    current = null
    globalThis.setImmediate = real.immediate
    Error.stackTraceLimit = depth
  }
}

/** Once, since it takes a while: outside of a run these do what they always do. */
function install(): void {
  if (installed) return
  installed = true
  Math.random = () => (current === null ? real.random() : current.random.next())
  crypto.randomUUID = (options) => (current === null ? real.uuid(options) : uuid(current.random))
  // What modules have imported by name follows only then.
  syncBuiltinESMExports()
}

function onAgenda(agenda: Agenda): typeof setImmediate {
  const later = (act: (...args: unknown[]) => void, ...args: unknown[]) => void agenda.after(0, () => act(...args))
  return later as unknown as typeof setImmediate
}

function uuid(random: Random): ReturnType<typeof crypto.randomUUID> {
  const part = (): string =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const [a, b, c] = [part(), part(), part()]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${part()}`
}
