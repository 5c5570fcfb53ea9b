/**
 * Chance that the code under test takes from its surroundings, Math.random and randomUUID, seeded for the duration of a run. One run at
 * a time. Errors have no stack meanwhile: a run makes many, and nobody looks at them.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Random } from './random.ts'

const real = { random: Math.random, uuid: crypto.randomUUID }
let current: Random | null = null
let installed = false

export async function withAmbient<A>(random: Random, run: () => Promise<A>): Promise<A> {
  install()
  const depth = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  current = random
  try {
    return await run()
  } finally {
    current = null
    Error.stackTraceLimit = depth
  }
}

/** Once, since it takes a while: outside of a run these do what they always do. */
function install(): void {
  if (installed) return
  installed = true
  Math.random = () => (current === null ? real.random() : current.next())
  crypto.randomUUID = (options) => (current === null ? real.uuid(options) : uuid(current))
  // What modules have imported by name follows only then.
  syncBuiltinESMExports()
}

function uuid(random: Random): ReturnType<typeof crypto.randomUUID> {
  const part = (): string => random.below(2 ** 32).toString(16).padStart(8, '0')
  const [a, b, c] = [part(), part(), part()]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${part()}`
}
