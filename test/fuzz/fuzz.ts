/**
 * `npm run fuzz`: feeds everything that reads bytes of others with inputs that nobody has written. Each must be read or refused by an
 * error that has a name, within 100 ms, and in bounded memory. What is found is kept in fixtures/, and run first from then on.
 *
 *   npm run fuzz                                  100,000 inputs
 *   npm run fuzz -- --inputs 10000000 --seed 7
 *   npm run fuzz -- --only "record batches"
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { keepFixture } from './fixtures.ts'
import type { Finding } from './fuzzer.ts'
import { targets } from './targets.ts'
import type { Work } from './worker.ts'

const { values } = parseArgs({
  options: { inputs: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const inputs = Number(values.inputs ?? 100_000)
const seed = Number(values.seed ?? process.env.RXWEFT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const chosen = [...targets.keys()].filter((at) => values.only === undefined || targets[at]?.name === values.only)
if (!(inputs >= 1 && Number.isInteger(seed) && chosen.length > 0)) {
  console.error(`--inputs N --seed S --only TARGET; there are: ${targets.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const each = Math.ceil(inputs / chosen.length)
const workers = Math.min(2, availableParallelism(), chosen.length)
/** An input that takes so long, ms, is one that never ends. */
const patience = 20_000
/** Of the heap of a worker, and of the whole process more than at its start. */
const [heapMiB, mostMiB] = [512, 1_500]
let failed = 0

function found(number: number, { what, input }: Finding): void {
  failed++
  const name = targets[number]?.name ?? ''
  console.error(`\n${name}: ${what}\n  kept as ${keepFixture(name, input)}`)
}

function run(at: readonly number[]): Promise<void> {
  const shown = new SharedArrayBuffer(12 + 2 ** 20)
  const [numbers, bytes] = [new Int32Array(shown, 0, 3), new Uint8Array(shown, 12)]
  const current = (): Buffer => Buffer.from(bytes.slice(0, numbers[2]))
  const work: Work = { at, inputs: each, seed, shown }
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  // A thread does not take --import for its own program.
  const program = `import('tsx/esm/api').then(({ register }) => (register(), import(${url('./worker.ts')})))`
  const worker = new Worker(program, {
    eval: true,
    workerData: work,
    execArgv: ['--conditions=rxweft-source'],
    resourceLimits: { maxOldGenerationSizeMb: heapMiB },
  })
  const start = process.memoryUsage.rss()
  let [last, since] = [-1, performance.now()]
  const watch = setInterval(() => {
    if (numbers[1] !== last) [last, since] = [numbers[1] ?? 0, performance.now()]
    const grown = (process.memoryUsage.rss() - start) / 2 ** 20
    const hangs = last > 0 && performance.now() - since > patience
    if (!hangs && grown < mostMiB) return
    found(numbers[0] ?? 0, { input: current(), what: hangs ? 'never ends' : `takes ${Math.round(grown)} MiB` })
    worker.terminate()
  }, 50)
  worker.on('message', ({ number, findings, ms, blocks }) => {
    for (const finding of findings) found(number, finding)
    console.log(
      `${targets[number]?.name}: ${each} inputs, ${ms} ms, ${findings.length} findings; ${blocks} blocks so far`,
    )
  })
  return new Promise((resolve) => {
    worker.on('error', (error) => found(numbers[0] ?? 0, { input: current(), what: `ended the thread: ${error}` }))
    worker.on('exit', () => {
      clearInterval(watch)
      resolve()
    })
  })
}

console.log(`fuzz: ${inputs} inputs, seed ${seed}`)
await Promise.all(Array.from({ length: workers }, (_, of) => run(chosen.filter((_, at) => at % workers === of))))
console.log(failed === 0 ? `fuzz: nothing found (seed ${seed})` : `fuzz: ${failed} findings (seed ${seed})`)
process.exit(failed === 0 ? 0 : 1)
