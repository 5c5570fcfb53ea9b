/** Chance that the code under test takes from its surroundings, Math.random and randomUUID, seeded for the duration of a run. */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Random } from './random.ts'

export async function withAmbient<A>(random: Random, run: () => Promise<A>): Promise<A> {
  const real = { random: Math.random, uuid: crypto.randomUUID }
  replace(random.next, () => uuid(random))
  try {
    return await run()
  } finally {
    replace(real.random, real.uuid)
  }
}

function replace(random: () => number, randomUUID: typeof crypto.randomUUID): void {
  Math.random = random
  crypto.randomUUID = randomUUID
  // What modules have imported by name follows only then.
  syncBuiltinESMExports()
}

function uuid(random: Random): `${string}-${string}-${string}-${string}-${string}` {
  const part = (): string => random.below(2 ** 32).toString(16).padStart(8, '0')
  const [a, b, c] = [part(), part(), part()]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${part()}`
}
