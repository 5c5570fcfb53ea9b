/** Fuzzes the targets that it is told to, and shows the input that it is at, so that one that never ends can be seen from outside. */
import { parentPort, workerData } from 'node:worker_threads'
import { coverage } from './coverage.ts'
import { fixturesOf } from './fixtures.ts'
import { fuzz } from './fuzzer.ts'
import { random } from './random.ts'
import { targets } from './targets.ts'

export interface Work {
  /** Numbers of targets. */
  readonly at: readonly number[]
  /** For each of them. */
  readonly inputs: number
  readonly seed: number
  /** Number of the target, of the inputs so far, length of the input; then its bytes. */
  readonly shown: SharedArrayBuffer
}

const { at, inputs, seed, shown } = workerData as Work
const [numbers, bytes] = [new Int32Array(shown, 0, 3), new Uint8Array(shown, 12)]
const seen = coverage()

for (const number of at) {
  const target = targets[number]
  if (target === undefined) continue
  const began = performance.now()
  const findings = await fuzz(target, fixturesOf(target.name), inputs, {
    coverage: seen,
    random: random(seed + number),
    begun(input) {
      bytes.set(input)
      numbers[0] = number
      numbers[2] = input.length
      numbers[1] = (numbers[1] ?? 0) + 1
    },
  })
  parentPort?.postMessage({ number, findings, ms: Math.round(performance.now() - began), blocks: seen.blocks })
}
seen.stop()
